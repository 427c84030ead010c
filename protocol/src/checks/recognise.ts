import type { Claimed, Family } from '../family.ts'
import type { Presented } from '../presented.ts'
import type { Reason } from '../reason.ts'

export type Recognition =
  | { readonly ok: true; readonly claimed: Claimed }
  /** `family` is null when none claims it; `detail` is for logs of malformed codes and names no person. */
  | {
      readonly ok: false
      readonly reason: 'unrecognised' | 'malformed'
      readonly family: string | null
      readonly detail: string
    }

/** Rows 1 and 2: whose code is it, and is it whole. */
export function recognise(presented: Presented, families: readonly Family[]): Recognition {
  const family = families.find(candidate => candidate.claims(presented.bytes))
  if (family === undefined) return { ok: false, reason: 'unrecognised', family: null, detail: 'no family claims it' }
  const decoded = family.decode(presented.bytes)
  if (!decoded.ok) return { ok: false, reason: 'malformed', family: family.name, detail: decoded.detail }
  return { ok: true, claimed: decoded.value }
}

const refresh = { hintZh: '请刷新手机上的码后再试', hintEn: 'Refresh the code on the phone and try again' }

export const recogniseReasons: readonly Reason[] = [
  {
    id: 'unrecognised',
    row: 1,
    outcome: 'deny',
    zh: '无法识别此码',
    en: 'Not a code we know',
    hintZh: '请出示安康码',
    hintEn: 'Show an Ankang code',
    symbol: 'question',
    colour: 'grey',
    voice: 'unknown-code',
  },
  {
    id: 'malformed',
    row: 2,
    outcome: 'deny',
    zh: '码已损坏',
    en: 'The code is damaged',
    ...refresh,
    symbol: 'question',
    colour: 'grey',
    voice: 'refresh-code',
  },
]
