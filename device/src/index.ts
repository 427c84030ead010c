import type { DeviceScene } from './scenes/device-scene.ts'
import * as all from './scenes/index.ts'

/** The scenes this box can serve. */
export const scenes: readonly DeviceScene[] = Object.values(all)
