import { bus } from './scenes/bus.ts'
import type { ControllerScene } from './scenes/controller-scene.ts'
import { hallDoor } from './scenes/hall-door.ts'

/** The scenes this centre knows. A new scene is one import and one word here. */
export const scenes: readonly ControllerScene[] = [hallDoor, bus]
