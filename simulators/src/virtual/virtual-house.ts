import type { CityPlatform } from '../city/city-platform.ts'
import { lockHome } from '../home/home-lock.ts'
import { type HomePaths, homePaths } from '../home/home-paths.ts'
import { type HomeOptions, prepareHome } from '../home/prepare-home.ts'
import { BUSES, HALL_DOORS } from '../home/virtual-posts.ts'
import type { RidePlatform } from '../ride/ride-platform.ts'
import { type CentreAccess, openCentreAccess } from './centre-access.ts'
import type { ProgramListeners } from './program-process.ts'
import { VirtualBus } from './virtual-bus.ts'
import { type ControllerAddress, type StartedController, startController } from './virtual-controller.ts'
import { VirtualDoor } from './virtual-door.ts'

export interface HouseOptions extends HomeOptions {
  /** Told what is being started, for whoever waits. */
  onProgress(zh: string, en: string): void
  /** Told of everything the programs print. */
  readonly onText?: ((text: string) => void) | undefined
}

/** A virtual device where it stands. */
export type OpenPost = VirtualDoor | VirtualBus

/** The whole house on one machine: controller, city and ride platform, two hall doors and two buses, each a program of its own. */
export interface VirtualHouse {
  readonly paths: HomePaths
  readonly city: CityPlatform
  readonly rides: RidePlatform
  readonly address: ControllerAddress
  readonly access: CentreAccess
  /** Null at any start but the first of a home. */
  readonly firstOperator: StartedController['firstOperator']
  readonly doors: readonly VirtualDoor[]
  readonly buses: readonly VirtualBus[]
  /** Resolves when a program has ended that nobody asked to, with what to tell. */
  readonly failed: Promise<Error>
  /** Doors and buses first, so that they can hand over what they have; then the controller. */
  close(): Promise<void>
}

interface OpenPosts {
  readonly doors: readonly VirtualDoor[]
  readonly buses: readonly VirtualBus[]
}

async function closePosts({ doors, buses }: OpenPosts): Promise<void> {
  await Promise.all([...doors, ...buses].map(post => post.close()))
}

function opened<T>(starts: readonly PromiseSettledResult<T>[]): T[] {
  return starts.flatMap(start => (start.status === 'fulfilled' ? [start.value] : []))
}

/** All of them at once; when one does not come up, those that did are closed again. */
async function openPosts(
  paths: HomePaths,
  { mqttUrl, deskUrl }: ControllerAddress,
  listeners: ProgramListeners,
): Promise<OpenPosts> {
  const centre = { mqttUrl, enrolUrl: deskUrl }
  const [doors, buses] = await Promise.all([
    Promise.allSettled(HALL_DOORS.map(post => VirtualDoor.open({ post, paths, centre, ...listeners }))),
    Promise.allSettled(BUSES.map(post => VirtualBus.open({ post, paths, centre, ...listeners }))),
  ])
  const posts = { doors: opened(doors), buses: opened(buses) }
  const broken = [...doors, ...buses].find(start => start.status === 'rejected')
  if (broken === undefined) return posts
  await closePosts(posts)
  throw broken.reason
}

/** What needs a controller that is up. */
async function openRest(
  paths: HomePaths,
  address: ControllerAddress,
  listeners: ProgramListeners,
  onProgress: HouseOptions['onProgress'],
): Promise<{ readonly access: CentreAccess; readonly posts: OpenPosts }> {
  onProgress('启动并登记两扇门、两辆公交车', 'enrolling and starting two doors and two buses')
  const access = await openCentreAccess(paths, address.httpUrl)
  return { access, posts: await openPosts(paths, address, listeners) }
}

/** Brings the whole house up. What was started is stopped again when something does not come up. Throws `home-in-use` and what the parts throw. */
export async function openHouse({ onProgress, onText, ...options }: HouseOptions): Promise<VirtualHouse> {
  const unlock = lockHome(homePaths(options.directory))
  let fail: (error: Error) => void = () => undefined
  const failed = new Promise<Error>(resolve => {
    fail = resolve
  })
  const listeners: ProgramListeners = { onText, onFailed: error => fail(error) }
  try {
    const { paths, city, rides } = prepareHome(options)
    onProgress('启动控制器', 'starting the controller')
    const { process: controller, address, firstOperator } = await startController(paths.controllerConfig, listeners)
    const closeAll = async (posts: OpenPosts) => {
      try {
        await closePosts(posts)
      } finally {
        await controller.stop()
      }
    }
    const { access, posts } = await openRest(paths, address, listeners, onProgress).catch(async (error: unknown) => {
      await controller.stop()
      throw error
    })
    return {
      paths,
      city,
      rides,
      address,
      access,
      firstOperator,
      ...posts,
      failed,
      close: () => closeAll(posts).finally(unlock),
    }
  } catch (error) {
    unlock()
    throw error
  }
}
