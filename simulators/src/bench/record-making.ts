import { randomBytes } from 'node:crypto'
import type { JournalRow } from '@ankang/device/parts'
import {
  encodeBody,
  nextLink,
  openSealingSession,
  type RecordBody,
  SEALED_FIELDS,
  type SealingSession,
  sha256,
} from '@ankang/protocol'
import { x25519PublicKey } from '../home/key-file.ts'
import { median, roundMs } from './quantile.ts'

const START_MS = 1_777_928_729_000
const MARK_SECONDS = 86_400
/** Records a block; a call alone is too short for the clock. */
const TIMED_BLOCK = 200
const TIMED_BLOCKS = 20

const random = (lengthBytes: number) => new Uint8Array(randomBytes(lengthBytes))

function sealedSubject(session: SealingSession): Uint8Array {
  return session.seal(
    new Map<number, Uint8Array | string>([
      [SEALED_FIELDS.subject, random(16)],
      [SEALED_FIELDS.credentialId, random(16)],
      [SEALED_FIELDS.maskedName, '张*三'],
    ]),
  )
}

/** A record as a door writes most of them: somebody green was let in. */
function admission(seq: number, sealed: Uint8Array): RecordBody {
  return {
    type: 'showing',
    seq,
    timeMs: START_MS + seq,
    timeTrust: 'synced',
    scene: 'hall-door',
    outcome: 'admit',
    reason: 'ok',
    family: 'ak1',
    colour: 'green',
    showingTag: random(8),
    sealed,
    stages: { read: 14, recognise: 1, verify: 3, decide: 1 },
    basis: { issuerKid: random(8), bundleVersion: 1, listAsOf: START_MS / 1000, staleness: null },
  }
}

/** Makes the rows of a chain, one after the other, each with a mark of its own. */
export class RecordMaker {
  readonly #session = openSealingSession(x25519PublicKey(random(32)), random)
  #seq = 0
  #link: Uint8Array = random(32)

  /** `count` rows that follow those made before. */
  rows(count: number): readonly JournalRow[] {
    return Array.from({ length: count }, () => this.#row())
  }

  #row(): JournalRow {
    const seq = ++this.#seq
    const body = encodeBody(admission(seq, sealedSubject(this.#session)))
    this.#link = nextLink(this.#link, seq, sha256(body))
    const writtenMs = START_MS + seq
    return {
      record: { seq, link: this.#link, body, writtenMs },
      marks: [{ tag: random(8), until: Math.floor(writtenMs / 1000) + MARK_SECONDS }],
    }
  }
}

/** Microseconds of one call, as the median of blocks. */
function callUs(call: (index: number) => unknown): number {
  const blocksMs = Array.from({ length: TIMED_BLOCKS }, () => {
    const startedMs = performance.now()
    for (let index = 0; index < TIMED_BLOCK; index++) call(index)
    return performance.now() - startedMs
  })
  return roundMs((median(blocksMs) * 1000) / TIMED_BLOCK)
}

/** What comes before the writing of a record, each step alone. */
export function recordCosts(): { readonly buildUs: number; readonly sealUs: number; readonly hashUs: number } {
  const session = openSealingSession(x25519PublicKey(random(32)), random)
  const sealed = sealedSubject(session)
  const bodies = Array.from({ length: TIMED_BLOCK }, (_, index) => admission(index + 1, sealed))
  const encoded = bodies.map(encodeBody)
  const fields = new Map<number, Uint8Array | string>([
    [SEALED_FIELDS.subject, random(16)],
    [SEALED_FIELDS.credentialId, random(16)],
    [SEALED_FIELDS.maskedName, '张*三'],
  ])
  const link = random(32)
  return {
    buildUs: callUs(index => encodeBody(bodies[index] as RecordBody)),
    sealUs: callUs(() => session.seal(fields)),
    hashUs: callUs(index => nextLink(link, index, sha256(encoded[index] as Uint8Array))),
  }
}
