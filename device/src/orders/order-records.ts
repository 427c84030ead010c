import { EnvironmentError } from '@ankang/protocol'
import type { Recorder } from '../pipeline/record.ts'

interface OrderRecordsOptions {
  readonly recorder: Pick<Recorder, 'event'>
  readonly onJournalFault: (error: EnvironmentError) => void
  /** A record is on disk, to be sent when it suits. */
  readonly onWritten: () => void
}

/** What orders leave in the ledger; no person is in any of it. Every method gives the record's number, or null where the journal refused it. */
export class OrderRecords {
  readonly #options: OrderRecordsOptions

  constructor(options: OrderRecordsOptions) {
    this.#options = options
  }

  /** Type 4, before it is carried out: reason = its name. Scene map: 1 id, 2 true, 3 `accepted`. */
  accepted(id: string, name: string): Promise<number | null> {
    return this.#write('command', name, [
      [1, id],
      [2, true],
      [3, 'accepted'],
    ])
  }

  /** Type 4: reason = why not. Scene map: 1 id, 2 false, 3 the code once more. */
  refused(id: string, code: string): Promise<number | null> {
    return this.#write('command', code, [
      [1, id],
      [2, false],
      [3, code],
    ])
  }

  /** Type 4, of messages that are not the centre's: no id, since nobody vouches for one. Scene map: 2 false, 3 code, 4 how many it stands for. */
  unheeded(code: string, count: number): Promise<number | null> {
    return this.#write('command', code, [
      [2, false],
      [3, code],
      [4, count],
    ])
  }

  /** Type 9: the output did not move. Scene map: 1 number of the command's record. */
  effectFailed(seq: number): Promise<number | null> {
    return this.#write('action-failed', 'effect-failed', [[1, seq]])
  }

  /** Type 5. Scene map: 1 version. */
  desiredApplied(version: number): Promise<number | null> {
    return this.#write('trust', 'desired-applied', [[1, version]])
  }

  async #write(
    type: Parameters<Recorder['event']>[0],
    reason: string,
    sceneMap: readonly (readonly [number, string | number | boolean])[],
  ): Promise<number | null> {
    const { recorder, onJournalFault, onWritten } = this.#options
    try {
      const { seq } = await recorder.event(type, reason, new Map(sceneMap))
      onWritten()
      return seq
    } catch (error) {
      if (!(error instanceof EnvironmentError)) throw error
      onJournalFault(error)
      return null
    }
  }
}
