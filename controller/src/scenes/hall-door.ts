import type { ControllerScene } from './controller-scene.ts'

/** The hall door: its reason says all there is to say. */
export const hallDoor: ControllerScene = {
  name: 'hall-door',
  describe: () => null,
}
