import {
  type BatchPayload,
  type BirthPayload,
  birthPayload,
  channelFilter,
  decodePayload,
  describeError,
  deviceTopic,
  fromHex,
  toHex,
} from '@ankang/protocol'
import type { Letter, Postman } from '../broker/postman.ts'
import type { KeyHistory } from '../identity/registry.ts'
import type { Log } from '../log.ts'
import { type Refusal, type Refusals, refuse } from '../refusals.ts'
import type { ControllerScene } from '../scenes/controller-scene.ts'
import type { Ledger } from '../store/ledger.ts'
import type { Quarantine } from '../store/quarantine.ts'
import type { DeviceDirectory, KnownDevice } from './device-directory.ts'
import { LetterQueue, type QueueLimits, type WaitingLetter } from './letter-queue.ts'
import { type ProvenBatch, proveBatch, type ReadRecord } from './prove-batch.ts'
import type { Holding, ReceiptSigner } from './receipts.ts'
import { claimedSender } from './sender.ts'
import { holdingOfNothing, type Taken, takeBatch } from './take-batch.ts'

/** What waits in memory; a device keeps what is turned away until a receipt names it. */
const QUEUE_LIMITS: QueueLimits = { letters: 256, bytes: 64 * 1024 * 1024 }
/** What goes into one commit: enough to share its fsync, short enough that the page and the broker get their turn. */
const COMMIT_LIMITS: QueueLimits = { letters: 64, bytes: 4 * 1024 * 1024 }

/** A batch that was worked off. */
export interface WorkedOff {
  readonly known: KnownDevice
  readonly payload: BatchPayload
  /** What the receipt says, null where there is none. */
  readonly holding: Holding | null
  /** The records that were new. */
  readonly stored: readonly ReadRecord[]
  readonly receivedMs: number
}

export interface SeqRange {
  readonly from: number
  readonly through: number
}

/** Told after the commit that made it true. */
export interface IngestListener {
  onBatch(batch: WorkedOff): void
  onFork(known: KnownDevice, forkSeq: number): void
  /** Records of a revoked device, past what it is trusted for. */
  onQuarantine(known: KnownDevice, quarantined: SeqRange): void
}

interface IngestParts {
  readonly postman: Postman
  readonly directory: DeviceDirectory
  readonly scenes: readonly ControllerScene[]
  readonly ledger: Ledger
  readonly keys: KeyHistory
  readonly quarantine: Quarantine
  readonly receipts: ReceiptSigner
  readonly refusals: Refusals
  readonly listener: IngestListener
  readonly log: Log
  readonly nowMs: () => number
}

interface Outcome {
  readonly proven: ProvenBatch
  readonly result: Taken | Refusal
  readonly receivedMs: number
}

/** Takes batches from the postman into the ledger and answers with receipts. Nothing a message holds makes it throw. */
export class Ingest {
  readonly #parts: IngestParts
  readonly #queue = new LetterQueue(QUEUE_LIMITS)
  #scheduled = false
  #storeFault: string | null = null

  constructor(parts: IngestParts) {
    this.#parts = parts
  }

  /** Why the last commit failed, null when it did not. */
  get storeFault(): string | null {
    return this.#storeFault
  }

  async start(): Promise<void> {
    const { postman, refusals } = this.#parts
    await postman.subscribe(channelFilter('records'), letter => this.#enqueue(letter))
    await postman.subscribe(
      channelFilter('birth'),
      refusals.noting(letter => this.#answerBirth(letter)),
    )
  }

  /** Settles once the letter is worked off. Its receipt is on its way by then, not delivered. */
  #enqueue({ topic, payload }: Letter): Promise<void> {
    return new Promise(resolve => {
      if (!this.#queue.add({ topic, payload, settle: resolve })) {
        this.#parts.refusals.note(
          topic,
          refuse('queue-full', 'more batches than this controller can hold; the device will send again'),
        )
        resolve()
      } else this.#schedule()
    })
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.#workOff(this.#queue.take(COMMIT_LIMITS))
      if (!this.#queue.isEmpty) this.#schedule()
    })
  }

  #workOff(letters: readonly WaitingLetter[]): void {
    try {
      const proven = letters.flatMap(letter => this.#prove(letter) ?? [])
      if (proven.length > 0) for (const outcome of this.#commit(proven)) this.#answer(outcome)
    } catch (error) {
      this.#parts.log.error(
        { detail: describeError(error) },
        'batches could not be worked off; devices will send them again',
      )
    } finally {
      for (const { settle } of letters) settle()
    }
  }

  #prove({ topic, payload }: Letter): ProvenBatch | null {
    const proof = proveBatch(this.#parts, topic, payload)
    if (proof.ok) return proof.value
    this.#parts.refusals.note(topic, proof)
    return null
  }

  /** All in one transaction; when that fails each in its own, so that one bad batch does not hold up the others. */
  #commit(proven: readonly ProvenBatch[]): readonly Outcome[] {
    const { ledger, log, nowMs } = this.#parts
    const receivedMs = nowMs()
    try {
      const outcomes = ledger.commit(() =>
        proven.map(one => ({ proven: one, result: takeBatch(this.#parts, one, receivedMs), receivedMs })),
      )
      this.#storeFault = null
      return outcomes
    } catch (error) {
      if (proven.length > 1) return proven.flatMap(one => this.#commit([one]))
      this.#storeFault = describeError(error)
      log.error(
        { event: 'store-fault', detail: this.#storeFault },
        'nothing stored and no receipt given; check the disk of the store',
      )
      return []
    }
  }

  #answer({ proven, result, receivedMs }: Outcome): void {
    const { refusals, listener, log } = this.#parts
    const { known } = proven
    if (!result.ok) {
      refusals.note(deviceTopic(known, 'records'), result)
      return
    }
    if (result.holding !== null) this.#post(known, result.holding)
    const unreadable = result.stored.filter(({ type }) => type === null)
    if (unreadable.length > 0) {
      log.warn(
        { device: known.device, seq: unreadable[0]?.seq, count: unreadable.length },
        'stored records whose body cannot be read',
      )
    }
    if (result.forkSeq !== null) {
      log.error({ event: 'fork', device: known.device, seq: result.forkSeq }, 'two chains at one place; both are kept')
      listener.onFork(known, result.forkSeq)
    }
    if (result.quarantined !== null) {
      const { from, through } = result.quarantined
      log.error(
        { event: 'quarantine', device: known.device, from, through },
        'records past the trusted head of a revoked device; kept apart',
      )
      refusals.note(
        deviceTopic(known, 'records'),
        refuse('quarantined', `${known.device} was revoked: ${from}…${through} are past its trusted head`),
      )
      listener.onQuarantine(known, result.quarantined)
    }
    const { holding, stored } = result
    listener.onBatch({ known, payload: proven.batch.payload, holding, stored, receivedMs })
  }

  #answerBirth({ topic, payload }: Letter): Refusal | null {
    const { directory, ledger } = this.#parts
    const sender = claimedSender(directory, topic)
    if (!sender.ok) return sender
    const { known } = sender
    let birth: BirthPayload
    try {
      birth = decodePayload(birthPayload, payload, topic)
    } catch (error) {
      return refuse('malformed', describeError(error))
    }
    const epoch = fromHex(birth.head.epoch)
    const stored = ledger.findEpoch(known.device, epoch)
    const holding: Holding | null =
      stored === null ? holdingOfNothing(known.device, known.publicKey, epoch, ledger) : { ...stored, verdict: 'ok' }
    // a chain without records ends in its genesis: where that is another one, this is not a first epoch
    const isRefuted = stored === null && birth.head.seq === 0 && toHex(holding?.linkThere ?? epoch) !== birth.head.link
    if (holding !== null && !isRefuted) this.#post(known, holding)
    return null
  }

  /** Not waited for: a receipt that does not arrive is given again at the next batch or birth. */
  #post(known: KnownDevice, { epoch, storedThrough, linkThere, verdict }: Holding): void {
    const { postman, receipts, log } = this.#parts
    const receipt = receipts.sign(known.device, { epoch, storedThrough, linkThere, verdict })
    postman.publish(deviceTopic(known, 'receipts'), receipt, { qos: 1, retain: false }).catch(error => {
      log.warn({ device: known.device, detail: describeError(error) }, 'a receipt could not be sent')
    })
  }
}
