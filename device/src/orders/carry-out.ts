import { BugError, type DEVICE_LOG_LEVELS, EnvironmentError, MAX_RESULT_DETAIL_CHARS } from '@ankang/protocol'
import type { Order } from './judge-command.ts'
import type { Lockdown } from './lockdown.ts'

export type LogLevel = (typeof DEVICE_LOG_LEVELS)[number]

/** What came of an order, for its result. */
export interface OrderOutcome {
  readonly ok: boolean
  /** A code, or the JSON of what was asked for; names no person. */
  readonly detail: string
  /** What is done once the answer is on its way. */
  readonly afterwards?: () => void
}

/** What a self-test found; JSON. */
export interface SelfTestFindings {
  readonly ok: boolean
  readonly [part: string]: unknown
}

/** What orders may do on a box. */
export interface OrderHands {
  readonly lockdown: Lockdown
  /** Moves the scene's output. Rejects with an EnvironmentError when it cannot. */
  open(durationMs: number): Promise<void>
  /** An output did not move although the command's record `seq` said so. */
  openingFailed(seq: number, error: EnvironmentError): Promise<void>
  /** Resolves when the showings under way have ended. */
  showingsEnded(): Promise<void>
  /** `isJournalWritable`: whether this order's own record was written. */
  selfTest(isJournalWritable: boolean): SelfTestFindings
  diagnostics(): Readonly<Record<string, unknown>>
  setLogLevel(level: LogLevel): void
  /** Ends the program, so that its supervisor starts it anew. */
  restart(): void
}

const DONE: OrderOutcome = { ok: true, detail: 'done' }

/** Carries out one order whose record is on disk (`seq`), or which lets nobody in and could not be recorded (null). */
export async function carryOut(order: Order, seq: number | null, hands: OrderHands): Promise<OrderOutcome> {
  switch (order.name) {
    case 'open-once':
      return open(order.args.seconds * 1000, seq, hands)
    case 'lockdown':
      return close(hands)
    case 'release':
      return release(hands)
    case 'restart':
      return { ok: true, detail: 'restarting', afterwards: () => hands.restart() }
    case 'self-test': {
      const findings = hands.selfTest(seq !== null)
      return { ok: findings.ok, detail: jsonDetail(findings) }
    }
    case 'send-diagnostics':
      return { ok: true, detail: jsonDetail(hands.diagnostics()) }
    case 'set-log-level':
      hands.setLogLevel(order.args.level)
      return DONE
  }
}

async function open(durationMs: number, seq: number | null, hands: OrderHands): Promise<OrderOutcome> {
  if (seq === null) throw new BugError('effect-without-record', 'a door was about to be opened without a record')
  try {
    await hands.open(durationMs)
    return DONE
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error
    await hands.openingFailed(seq, error)
    return { ok: false, detail: 'output-failed' }
  }
}

/** Answered once nobody is on the way in any more. */
async function close({ lockdown, showingsEnded }: OrderHands): Promise<OrderOutcome> {
  const kept = await settle(lockdown.set(true), 'closed-but-not-kept')
  await showingsEnded()
  return kept
}

function release({ lockdown }: OrderHands): Promise<OrderOutcome> {
  return settle(lockdown.set(false), 'not-kept')
}

async function settle(change: Promise<boolean>, failure: string): Promise<OrderOutcome> {
  try {
    return { ok: true, detail: (await change) ? 'done' : 'unchanged' }
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error
    return { ok: false, detail: failure }
  }
}

/** JSON that fits a result: what comes last is left out first, and the result says so. */
export function jsonDetail(content: Readonly<Record<string, unknown>>): string {
  const entries = Object.entries(content)
  let text = JSON.stringify(content)
  while (text.length > MAX_RESULT_DETAIL_CHARS && entries.length > 0) {
    entries.pop()
    text = JSON.stringify({ ...Object.fromEntries(entries), cut: true })
  }
  return text
}
