import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { operatingDay, parseJson, parseWith } from '@ankang/protocol'
import * as v from 'valibot'
import { OWNER_ONLY, writeWholeFile } from './key-file.ts'

/** Hour at which the buses' day begins, China time. */
export const BUS_DAY_STARTS_HOUR = 3
/** Operating days whose keys a policy holds, today's first. */
export const DAYS_AHEAD = 14
const DAY_SECONDS = 86_400
const KEY_BYTES = 32

const KEPT = v.array(v.strictObject({ day: v.number(), key: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)) }))

/** As the file and the policy spell it: yyyymmdd, and 32 bytes as hex. */
export type KeptDayKey = v.InferOutput<typeof KEPT>[number]

/**
 * The keys of the coming operating days in `path` (owner only). Each is drawn once; those of days gone by are destroyed, so
 * that no rides of different days can be joined any more. Throws `day-keys-invalid`.
 */
export function keepDayKeys(path: string, now: number): KeptDayKey[] {
  const context = { code: 'day-keys-invalid', source: path }
  const kept = existsSync(path) ? parseWith(KEPT, parseJson(readFileSync(path, 'utf8'), context), context) : []
  const keys = Array.from({ length: DAYS_AHEAD }, (_, ahead) => {
    const day = operatingDay(now + ahead * DAY_SECONDS, BUS_DAY_STARTS_HOUR)
    return kept.find(one => one.day === day) ?? { day, key: randomBytes(KEY_BYTES).toString('hex') }
  })
  writeWholeFile(path, `${JSON.stringify(keys, null, 2)}\n`, OWNER_ONLY)
  return keys
}
