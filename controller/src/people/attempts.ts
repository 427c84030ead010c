import { sha256, toHex, utf8 } from '@ankang/protocol'
import { type Lock, lockedForMs, withFailure, withoutFailure } from './lockout.ts'
import { type LockBook, STRANGE_PLACES } from './people-book.ts'
import { PEOPLE_LIMITS } from './people-limits.ts'

const { familiarMs, familiarPlaces, failuresForgottenMs } = PEOPLE_LIMITS

/** Whose failures are counted, and for which places. */
export interface AttemptSide {
  readonly account: string
  readonly place: string
}

/** A try that was counted as a failure already, until it turns out to be none. */
export type Attempt =
  | { readonly ok: true; readonly side: AttemptSide; readonly lock: Lock }
  | { readonly ok: false; readonly retryMs: number }

/**
 * What stands for a name nobody has. It is locked as a known one would be, so that nobody learns from a lock who works here; of
 * what was typed, which may well be a password, 16 bits are kept.
 */
function strangerAccount(name: string): string {
  return `?${toHex(sha256(utf8(name)).subarray(0, 2))}`
}

/** Counts tries to prove who somebody is. Each call belongs into a transaction. */
export class Attempts {
  readonly #book: LockBook
  readonly #nowMs: () => number

  constructor(book: LockBook, nowMs: () => number) {
    this.#book = book
    this.#nowMs = nowMs
  }

  isFamiliar(name: string, place: string): boolean {
    return this.#book.isFamiliar(name, place, this.#nowMs() - familiarMs)
  }

  sideOf(name: string, isKnown: boolean, place: string): AttemptSide {
    if (!isKnown) return { account: strangerAccount(name), place: STRANGE_PLACES }
    return { account: name, place: this.isFamiliar(name, place) ? place : STRANGE_PLACES }
  }

  /** 0 when a try would be taken. */
  lockedForMs({ account, place }: AttemptSide): number {
    return lockedForMs(this.#book.lockOf(account, place), this.#nowMs())
  }

  /** Until when strange places are refused, null when they are not. */
  strangersLockedUntilMs(name: string): number | null {
    const nowMs = this.#nowMs()
    const lock = this.#book.lockOf(name, STRANGE_PLACES)
    return lockedForMs(lock, nowMs) > 0 ? lock.lockedUntilMs : null
  }

  begin(side: AttemptSide): Attempt {
    const nowMs = this.#nowMs()
    const before = this.#book.lockOf(side.account, side.place)
    const retryMs = lockedForMs(before, nowMs)
    if (retryMs > 0) return { ok: false, retryMs }
    const lock = withFailure(before, nowMs)
    this.#book.keepLock(side.account, side.place, lock)
    return { ok: true, side, lock }
  }

  /** It was no failure; what others failed meanwhile stands. */
  giveBack({ account, place }: AttemptSide): void {
    this.#book.keepLock(account, place, withoutFailure(this.#book.lockOf(account, place), this.#nowMs()))
  }

  /** Everything was proven: failures of this side are forgotten, and the place is known from now on. */
  succeed({ account, place: side }: AttemptSide, place: string): void {
    const nowMs = this.#nowMs()
    this.#book.keepLock(account, side, { failures: 0, lockedUntilMs: null, changedMs: 0 })
    this.#book.makeFamiliar(account, place, nowMs, familiarPlaces)
    this.#book.pruneLocks(nowMs - failuresForgottenMs, nowMs - familiarMs)
  }

  /** Somebody who may has said that this operator is to be let in again; `places`: and is at no place known any more. */
  forget(name: string, places: 'failures' | 'failures and places'): void {
    this.#book.forgetLocks(name, places)
  }
}
