import type { CityPlatform } from '../city/city-platform.ts'
import { SeededDraw } from '../city/seeded-draw.ts'
import { CAMERA_FRAME, CAMERA_HOLD_MS, writeDeviceConfig } from '../home/device-config.ts'
import { lockHome } from '../home/home-lock.ts'
import { HALL_DOORS, type HallDoor, type HomePaths, homePaths } from '../home/home-paths.ts'
import { type HomeOptions, prepareHome } from '../home/prepare-home.ts'
import type { CodeSource } from './code-source.ts'
import type { ProgramListeners, ProgramProcess } from './program-process.ts'
import { PtyPair } from './pty-pair.ts'
import { VirtualCamera } from './virtual-camera.ts'
import { type ControllerAddress, startController } from './virtual-controller.ts'
import { VirtualDevice } from './virtual-device.ts'
import { VirtualScanner } from './virtual-scanner.ts'

export interface HallOptions extends HomeOptions {
  /** Told what is being started, for whoever waits. */
  onProgress(zh: string, en: string): void
  /** Told of everything the programs print. */
  readonly onText?: ((text: string) => void) | undefined
}

/** A door of the hall with the device that keeps it. */
export interface OpenDoor {
  readonly door: HallDoor
  readonly device: VirtualDevice
}

/** The whole house on one machine: controller, city platform and two hall doors, each a program of its own. */
export interface VirtualHall {
  readonly paths: HomePaths
  readonly city: CityPlatform
  readonly address: ControllerAddress
  readonly doors: readonly OpenDoor[]
  /** Resolves when a program has ended that nobody asked to, with what to tell. */
  readonly failed: Promise<Error>
  /** Doors first, so that they can hand over what they have; then the controller. */
  close(): Promise<void>
}

async function plugIn(door: HallDoor, paths: HomePaths): Promise<{ source: CodeSource; linePath: string | null }> {
  if (door.reader === 'scanner') {
    const line = await PtyPair.open(paths.device(door.device).scannerLine)
    return { source: new VirtualScanner(line), linePath: line.path }
  }
  const source = new VirtualCamera({
    path: paths.device(door.device).cameraPipe,
    size: CAMERA_FRAME,
    holdMs: CAMERA_HOLD_MS,
    draw: new SeededDraw(new Uint8Array(32), door.device),
  })
  return { source, linePath: null }
}

async function openDoor(
  door: HallDoor,
  paths: HomePaths,
  mqttUrl: string,
  listeners: ProgramListeners,
): Promise<OpenDoor> {
  const { source, linePath } = await plugIn(door, paths)
  try {
    const configFile = writeDeviceConfig(paths, { door, mqttUrl, linePath })
    return { door, device: await VirtualDevice.start({ device: door.device, configFile, source, ...listeners }) }
  } catch (error) {
    await source.close()
    throw error
  }
}

async function closeAll(doors: readonly OpenDoor[], controller: ProgramProcess): Promise<void> {
  await Promise.all(doors.map(({ device }) => device.stop()))
  await controller.stop()
}

/** Brings the whole house up. What was started is stopped again when something does not come up. Throws `home-in-use` and what the parts throw. */
export async function openHall({ onProgress, onText, ...options }: HallOptions): Promise<VirtualHall> {
  const unlock = lockHome(homePaths(options.directory))
  let fail: (error: Error) => void = () => undefined
  const failed = new Promise<Error>(resolve => {
    fail = resolve
  })
  const listeners: ProgramListeners = { onText, onFailed: error => fail(error) }
  try {
    const { paths, city } = prepareHome(options)
    onProgress('启动控制器', 'starting the controller')
    const controller = await startController(paths.controllerConfig, listeners)
    onProgress('启动两扇门', 'starting two doors')
    const starts = await Promise.allSettled(
      HALL_DOORS.map(door => openDoor(door, paths, controller.address.mqttUrl, listeners)),
    )
    const doors = starts.flatMap(start => (start.status === 'fulfilled' ? [start.value] : []))
    const broken = starts.find(start => start.status === 'rejected')
    if (broken !== undefined) {
      await closeAll(doors, controller.process)
      throw broken.reason
    }
    return {
      paths,
      city,
      address: controller.address,
      doors,
      failed,
      close: async () => {
        try {
          await closeAll(doors, controller.process)
        } finally {
          unlock()
        }
      },
    }
  } catch (error) {
    unlock()
    throw error
  }
}
