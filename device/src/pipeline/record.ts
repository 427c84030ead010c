import {
  type CborMap,
  type Decision,
  EVIDENCE_FIELDS,
  EVIDENCE_KEY,
  encodeBody,
  openSealingSession,
  type Presentation,
  type RecordBody,
  type RecordType,
  type Scene,
  SEALED_FIELDS,
  SEALING_SESSION_MS,
  type SealingSession,
  type StageTimes,
  sessionSceneMap,
  showingTag,
  type Trust,
} from '@ankang/protocol'
import type { Clock } from '../ports/clock.ts'
import type { Journal, JournalEntry, JournalRecord } from '../ports/journal.ts'

/** A decided showing, ready to be written. */
export interface DecidedShowing {
  readonly decision: Decision
  /** Null where the check failed before row 5: then nothing of the code is recorded. */
  readonly presentation: Presentation | null
  readonly family: string | null
  /** The code as it was read: kept only where the scene keeps evidence, and then sealed. */
  readonly code: Uint8Array
  readonly stages: StageTimes
}

interface RecorderOptions {
  readonly journal: Journal
  readonly clock: Clock
  readonly trust: Trust
  readonly scene: Pick<Scene, 'name' | 'keepsEvidence'>
  readonly random: (lengthBytes: number) => Uint8Array
  /** A record is on disk; it was not there at `sinceMonotonicMs`. Called before anybody acts on it, so it must be quick. */
  readonly onWritten?: (seq: number, sinceMonotonicMs: number) => void
}

interface OpenSession {
  readonly session: SealingSession
  readonly openedAtMs: number
}

interface Sealed {
  readonly subject: Uint8Array | null
  readonly evidence: Uint8Array | null
}

/** Turns decisions and events into records, sealing what names a person. Everything it returns is on disk. */
export class Recorder {
  readonly #options: RecorderOptions
  #session: OpenSession | null = null

  constructor(options: RecorderOptions) {
    this.#options = options
  }

  /** Rejects as `Journal.append` does; then neither the record nor the replay mark exists. */
  async showing(showing: DecidedShowing): Promise<JournalRecord> {
    // One session for both: an opener looks for the newest one before the record.
    const session = showing.presentation === null ? null : await this.#currentSession()
    const sealed = {
      subject: session === null || showing.presentation === null ? null : sealSubject(session, showing.presentation),
      evidence: session === null ? null : this.#sealEvidence(session, showing),
    }
    return this.#append({
      build: seq => encodeBody(this.#showingBody(showing, seq, sealed)),
      marks: showing.decision.marks,
    })
  }

  /** One record for `count` codes that nobody claimed. Scene map 1 is the count. */
  async junk(count: number): Promise<JournalRecord> {
    const sceneMap = new Map([[1, count]])
    return this.#append({
      build: seq => encodeBody({ ...this.#common('showing', seq), outcome: 'deny', reason: 'unrecognised', sceneMap }),
    })
  }

  /** A record that is no showing: `sceneMap` says what happened, in numbers and reasons, never with a person. */
  async event(type: Exclude<RecordType, 'showing'>, reason: string, sceneMap?: CborMap): Promise<JournalRecord> {
    return this.#append({
      build: seq => encodeBody({ ...this.#common(type, seq), reason, ...(sceneMap === undefined ? {} : { sceneMap }) }),
    })
  }

  /** Opens the sealing session ahead of the first showing, which would else wait for one more commit. */
  async prepare(): Promise<void> {
    await this.#currentSession()
  }

  async #append(entry: JournalEntry): Promise<JournalRecord> {
    const { journal, clock, onWritten } = this.#options
    const sinceMonotonicMs = clock.monotonicMs()
    const record = await journal.append(entry)
    onWritten?.(record.seq, sinceMonotonicMs)
    return record
  }

  #common(type: RecordType, seq: number): RecordBody {
    const { clock, scene } = this.#options
    return { type, seq, timeMs: clock.nowMs(), timeTrust: clock.trust(), scene: scene.name }
  }

  #showingBody(
    { decision, presentation, family, stages }: DecidedShowing,
    seq: number,
    { subject, evidence }: Sealed,
  ): RecordBody {
    const sceneMap = new Map(decision.sceneMap ?? [])
    if (evidence !== null) sceneMap.set(EVIDENCE_KEY, evidence)
    const basis = {
      issuerKid: presentation?.issuerKid ?? null,
      bundleVersion: this.#options.trust.version,
      listAsOf: decision.statusAsOf,
      staleness: null,
    }
    return {
      ...this.#common('showing', seq),
      outcome: decision.outcome,
      reason: decision.reason,
      stages,
      basis,
      ...(family === null ? {} : { family }),
      ...(decision.colour === null ? {} : { colour: decision.colour }),
      ...(presentation?.family === 'ak1' ? { showingTag: showingTag(presentation) } : {}),
      ...(subject === null ? {} : { sealed: subject }),
      ...(sceneMap.size === 0 ? {} : { sceneMap }),
    }
  }

  /** What the clearing house needs to be paid: the code itself, with all its signatures. */
  #sealEvidence(session: SealingSession, { decision, code }: DecidedShowing): Uint8Array | null {
    const { scene, trust } = this.#options
    if (scene.keepsEvidence !== true || decision.outcome !== 'admit' || trust.clearingKey === null) return null
    return session.sealFor(trust.clearingKey.publicKey, new Map([[EVIDENCE_FIELDS.code, code]]))
  }

  /** The session's own record stands before anything it seals. Null where the trust file names no county key: then nothing is kept of the person. */
  async #currentSession(): Promise<SealingSession | null> {
    const { trust, clock, random } = this.#options
    if (trust.countyKey === null) return null
    const now = clock.monotonicMs()
    if (this.#session !== null && now - this.#session.openedAtMs < SEALING_SESSION_MS) return this.#session.session
    const session = openSealingSession(trust.countyKey.publicKey, random)
    await this.#append({
      build: seq => encodeBody({ ...this.#common('session', seq), sceneMap: sessionSceneMap(session.announcement) }),
    })
    this.#session = { session, openedAtMs: now }
    return session
  }
}

function sealSubject(session: SealingSession, { subject, credentialId, maskedName }: Presentation): Uint8Array {
  const fields = new Map<number, Uint8Array | string>([[SEALED_FIELDS.credentialId, credentialId]])
  if (subject !== null) fields.set(SEALED_FIELDS.subject, subject)
  if (maskedName !== null) fields.set(SEALED_FIELDS.maskedName, maskedName)
  return session.seal(fields)
}
