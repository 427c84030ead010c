import type { TimeTrust } from '@ankang/protocol'
import type { ReaderState } from '../ports/reader.ts'
import type { SelfTestFindings } from './carry-out.ts'

export interface SelfTestParts {
  readonly isJournalWritable: boolean
  /** By name: readers, and a vehicle where there is one. */
  readonly readers: ReadonlyMap<string, ReaderState>
  readonly hasOutput: boolean
  readonly clock: { readonly trust: TimeTrust; readonly errorMs: number | null; readonly witnessAgeMs: number | null }
  readonly trust: { readonly version: number; readonly ageSeconds: number | null }
  readonly isLockedDown: boolean
}

/** Each part in a word. Fit for service: the journal takes records and every reader answers. An untrusted clock is said, and is no fault of the box. */
export function selfTest(parts: SelfTestParts): SelfTestFindings {
  const readers = Object.fromEntries(
    [...parts.readers].map(([name, state]) => [
      name,
      state.state === 'ready' ? 'ready' : `fault: ${state.detail.slice(0, 100)}`,
    ]),
  )
  const whole = (ms: number | null) => (ms === null ? null : Math.round(ms))
  const { trust, errorMs, witnessAgeMs } = parts.clock
  return {
    ok: parts.isJournalWritable && [...parts.readers.values()].every(({ state }) => state === 'ready'),
    journal: parts.isJournalWritable ? 'writable' : 'not-writable',
    output: parts.hasOutput ? 'present' : 'none',
    clock: { trust, errorMs: whole(errorMs), witnessAgeMs: whole(witnessAgeMs) },
    trust: parts.trust,
    lockdown: parts.isLockedDown,
    readers,
  }
}
