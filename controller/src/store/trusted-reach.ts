import { toHex } from '@ankang/protocol'
import type { SqliteDatabase } from './store.ts'

/**
 * How far an epoch of a revoked device's key is believed: to its last head that came before the revocation and that the stored
 * chain does not contradict; 0 where there is none. In a query over `epochs` and `device_keys` with `bound_head_id` set.
 */
export const TRUSTED_REACH = `coalesce((
  SELECT max(heads.seq) FROM heads
  WHERE heads.device = epochs.device AND heads.epoch = epochs.epoch AND heads.id <= bound_head_id AND (
    heads.seq > stored_through OR
    heads.link = (SELECT link FROM records WHERE records.epoch_id = epochs.id AND records.seq = heads.seq)
  )
), 0)`

/** Answers how far an epoch's stored records are believed; null: all of them. */
export function trustedReaches(db: SqliteDatabase): (device: string, epochHex: string) => number | null {
  const rows = db
    .prepare<[], { device: string; epoch: Buffer; reach: number }>(
      `SELECT device, epoch, ${TRUSTED_REACH} AS reach
       FROM device_keys CROSS JOIN epochs USING (device, public_key) WHERE bound_head_id IS NOT NULL`,
    )
    .all()
  const reaches = new Map(rows.map(({ device, epoch, reach }) => [`${device} ${toHex(epoch)}`, reach]))
  return (device, epochHex) => reaches.get(`${device} ${epochHex}`) ?? null
}
