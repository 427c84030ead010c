import { bus } from './scenes/bus.ts'
import type { DeviceScene } from './scenes/device-scene.ts'
import { hallDoor } from './scenes/hall-door.ts'

/** The scenes this box can serve. A new scene is one import and one word here. */
export const scenes: readonly DeviceScene[] = [hallDoor, bus]
