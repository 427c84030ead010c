import { BUS_LINES } from '../home/bus-lines.ts'
import type { CentreAddress } from '../home/device-config.ts'
import type { HomePaths } from '../home/home-paths.ts'
import type { Bus } from '../home/virtual-posts.ts'
import { settlePost } from './enrol-post.ts'
import { plugInReader } from './plug-in.ts'
import type { ProgramListeners } from './program-process.ts'
import { PtyPair } from './pty-pair.ts'
import { Radio } from './radio.ts'
import { VirtualDevice } from './virtual-device.ts'
import type { PostOptions } from './virtual-door.ts'
import { VirtualVehicle } from './virtual-vehicle.ts'

/** A bus: the device at its door, the vehicle around it, and the radio to the centre. */
export class VirtualBus {
  readonly post: Bus
  readonly device: VirtualDevice
  readonly vehicle: VirtualVehicle
  readonly radio: Radio

  private constructor(post: Bus, device: VirtualDevice, vehicle: VirtualVehicle, radio: Radio) {
    this.post = post
    this.device = device
    this.vehicle = vehicle
    this.radio = radio
  }

  /** Resolves when the device is ready and knows where it is. Throws what its parts throw; then nothing is left open. */
  static async open({ post, paths, centre, ...listeners }: PostOptions<Bus>): Promise<VirtualBus> {
    const radio = await Radio.open(centre.mqttUrl)
    try {
      const serial = await PtyPair.open(paths.device(post.device).vehicleLine)
      let device: VirtualDevice | null = null
      try {
        const started = await startDevice(post, paths, { ...centre, mqttUrl: radio.url }, listeners)
        device = started
        const vehicle = new VirtualVehicle({
          serial,
          line: post.line,
          stops: BUS_LINES[post.line].stops,
          untilHeard: sentence => started.waitForVehicle(sentence),
        })
        await vehicle.switchOn()
        return new VirtualBus(post, started, vehicle, radio)
      } catch (error) {
        await device?.stop()
        await serial.close()
        throw error
      }
    } catch (error) {
      await radio.close()
      throw error
    }
  }

  /** A night in the depot: everything goes off, and on again in the morning with the journal of yesterday. */
  async night(): Promise<void> {
    this.vehicle.switchOff()
    await this.device.clear()
    await this.device.restart()
    await this.vehicle.switchOn()
  }

  /** The device first, while it can still hand over what it has. */
  async close(): Promise<void> {
    this.radio.restore()
    this.vehicle.switchOff()
    await this.device.stop()
    await Promise.all([this.vehicle.close(), this.radio.close()])
  }
}

async function startDevice(
  post: Bus,
  paths: HomePaths,
  centre: CentreAddress,
  listeners: ProgramListeners,
): Promise<VirtualDevice> {
  const configFile = await settlePost(paths, post, centre)
  const source = await plugInReader(post, paths)
  return VirtualDevice.start({ device: post.device, configFile, source, ...listeners })
}
