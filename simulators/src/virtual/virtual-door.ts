import type { CentreAddress } from '../home/device-config.ts'
import type { HomePaths } from '../home/home-paths.ts'
import type { HallDoor } from '../home/virtual-posts.ts'
import { settlePost } from './enrol-post.ts'
import { plugInReader } from './plug-in.ts'
import type { ProgramListeners } from './program-process.ts'
import { VirtualDevice } from './virtual-device.ts'

export interface PostOptions<Post> extends ProgramListeners {
  readonly post: Post
  readonly paths: HomePaths
  readonly centre: CentreAddress
}

/** A door of the hall with the device that keeps it. */
export class VirtualDoor {
  readonly post: HallDoor
  readonly device: VirtualDevice

  private constructor(post: HallDoor, device: VirtualDevice) {
    this.post = post
    this.device = device
  }

  /** Resolves when the device is ready. Throws what its parts throw; then nothing is left open. */
  static async open({ post, paths, centre, ...listeners }: PostOptions<HallDoor>): Promise<VirtualDoor> {
    const configFile = await settlePost(paths, post, centre)
    const source = await plugInReader(post, paths)
    return new VirtualDoor(post, await VirtualDevice.start({ device: post.device, configFile, source, ...listeners }))
  }

  close(): Promise<void> {
    return this.device.stop()
  }
}
