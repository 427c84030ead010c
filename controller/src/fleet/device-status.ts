import type { AlarmPayload } from '@ankang/protocol'
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
}

export function forkAlarm(forkSeq: number, timeMs: number): AlarmPayload {
  return { timeMs, kind: 'ledger', detail: `two chains at record ${forkSeq}; both are kept` }
}
