import { BugError, type BusSituation } from '@ankang/protocol'
import type { DeviceScene } from './device-scene.ts'

/** The bus: where it is and whether the driver has pressed the key comes from the vehicle; a ride moves nothing but voice and display. */
export const bus: DeviceScene = {
  name: 'bus',
  needs: ['vehicle'],
  situation: ({ vehicle }): BusSituation | null => vehicle?.now() ?? null,
  perform: async effect => {
    throw new BugError('effect-unknown', `the bus has no effect ${effect.kind}`)
  },
}
