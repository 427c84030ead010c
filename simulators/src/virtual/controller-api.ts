import * as v from 'valibot'
import { type CentreAccess, readCentre } from './centre-access.ts'

const count = v.pipe(v.number(), v.integer(), v.minValue(0))

const DEVICES = v.object({
  devices: v.array(
    v.object({
      device: v.string(),
      recordsStored: count,
      showingsStored: count,
      duplicates: count,
      gaps: count,
    }),
  ),
})

/** What the controller says it holds of a device. */
export type DeviceCounts = v.InferOutput<typeof DEVICES>['devices'][number]

/** The controller's counts for every device it knows. Throws `controller-unreachable`, `controller-answer-invalid`. */
export async function readDeviceCounts(access: CentreAccess): Promise<readonly DeviceCounts[]> {
  return (await readCentre(access, 'api/devices', DEVICES)).devices
}
