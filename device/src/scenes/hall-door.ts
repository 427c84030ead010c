import type { DeviceScene } from './device-scene.ts'

/** The hall door: a release is a pulse on the strike's relay. */
export const hallDoor: DeviceScene = {
  name: 'hall-door',
  needs: ['relay'],
  remoteOpening: durationMs => ({ kind: 'release', output: 'door', durationMs }),
  perform: (effect, { relay }) => relay.pulse(effect.output, effect.durationMs),
}
