import type { Letter, LetterHandler } from '../broker/postman.ts'
import type { Log } from '../log.ts'

/** Why a message was put aside. Nothing is lost by it: a device keeps its records until a receipt names them. */
export type RefusalReason =
  | 'unknown-topic'
  | 'unknown-device'
  | 'wrong-site'
  | 'malformed'
  | 'foreign-device'
  | 'wrong-key'
  | 'not-proven'
  | 'queue-full'
  | 'fault'

export interface Refusal {
  readonly ok: false
  readonly reason: RefusalReason
  readonly detail: string
}

export function refuse(reason: RefusalReason, detail: string): Refusal {
  return { ok: false, reason, detail }
}

/** Counts and logs what was put aside. */
export class Refusals {
  readonly #log: Log
  readonly #counts = new Map<RefusalReason, number>()

  constructor(log: Log) {
    this.#log = log
  }

  note(topic: string, { reason, detail }: Refusal): void {
    const count = (this.#counts.get(reason) ?? 0) + 1
    this.#counts.set(reason, count)
    this.#log.warn({ event: 'refused', topic: topic.slice(0, 200), reason, detail, count }, 'message refused')
  }

  /** A handler that notes what `take` refuses. */
  noting(take: (letter: Letter) => Refusal | null): LetterHandler {
    return async letter => {
      const refusal = take(letter)
      if (refusal !== null) this.note(letter.topic, refusal)
    }
  }

  counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts)
  }
}
