import type { PasswordFault } from './password-rules.ts'
import type { SessionView } from './session-view.ts'

export type PeopleRefusalCode =
  | PasswordFault
  | 'log-in-failed' // name, password or account, and nobody is told which
  | 'second-factor-wrong'
  | 'password-same'
  | 'no-session'
  | 'wrong-stage'
  | 'locked'
  | 'too-many'
  | 'busy'

export interface PeopleRefusal {
  readonly ok: false
  readonly error: PeopleRefusalCode
  /** Of `locked`, `too-many` and `busy`; else null. */
  readonly retryMs: number | null
}

/** A session at its next stage. `token` replaces the one before and is shown once. */
export interface Entered {
  readonly ok: true
  readonly token: string
  readonly view: SessionView
}

export function refused(error: PeopleRefusalCode, retryMs: number | null = null): PeopleRefusal {
  return { ok: false, error, retryMs }
}

const BUSY_RETRY_MS = 1000

export function refusedAsBusy(): PeopleRefusal {
  return refused('busy', BUSY_RETRY_MS)
}
