import type { ControllerScene } from './scenes/controller-scene.ts'
import * as all from './scenes/index.ts'

/** The scenes this centre knows. */
export const scenes: readonly ControllerScene[] = Object.values(all)
