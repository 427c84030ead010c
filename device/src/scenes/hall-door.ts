import type { DeviceScene } from './device-scene.ts'

/** The hall door: a release is a pulse on the strike's relay. */
export const hallDoor: DeviceScene = {
  name: 'hall-door',
  needs: ['relay'],
  perform: (effect, { relay }) => relay.pulse(effect.output, effect.durationMs),
}
