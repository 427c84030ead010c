import type { AlarmPayload, ReportedPayload, TimeTrust } from '@ankang/protocol'
import type { SeqRange } from '../ingest/ingest.ts'
import type { ShowingView } from './views.ts'

/** What was last heard of one device. In memory: a device says it all again when it connects. */
export interface DeviceStatus {
  state: string
  scene: string | null
  backlog: number
  head: { readonly epoch: string; readonly seq: number } | null
  storedThrough: number
  lastSeenMs: number | null
  lastShowing: ShowingView | null
  lastAlarm: AlarmPayload | null
  /** Hex, of its present run: an order is for one run. Null while nothing was heard of it. */
  bootNonce: string | null
  /** When that run was first heard of here. */
  bootedMs: number | null
  firmware: string | null
  hardware: string | null
  /** How far its clock can be trusted, by its last health. */
  clock: TimeTrust | null
  /** Null where it has not said so, or knows no lockdown. */
  lockdown: boolean | null
  reported: ReportedPayload | null
}

export function quarantineAlarm({ from, through }: SeqRange, timeMs: number): AlarmPayload {
  const range = `${from}…${through}`
  return {
    timeMs,
    kind: 'identity',
    detail: `已吊销，仍送来第 ${range} 条，已隔离 · revoked; records ${range} are kept apart`,
  }
}

export function forkAlarm(forkSeq: number, timeMs: number): AlarmPayload {
  return { timeMs, kind: 'ledger', detail: `two chains at record ${forkSeq}; both are kept` }
}
