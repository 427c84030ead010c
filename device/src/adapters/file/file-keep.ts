import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { EnvironmentError, parseJson, parseWith } from '@ankang/protocol'
import * as v from 'valibot'
import { type Keep, type KeptState, NOTHING_KEPT } from '../../ports/keep.ts'

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

const KEPT_FILE = v.strictObject({
  lockdown: v.boolean(),
  desired: v.nullable(v.pipe(v.string(), v.regex(BASE64, 'expected base64'))),
})

/** A JSON file of its owner's alone, replaced whole: written beside, synced, renamed, and the folder synced. */
export class FileKeep implements Keep {
  readonly #file: string

  constructor(file: string) {
    this.#file = file
  }

  async load(): Promise<KeptState> {
    const text = this.#read()
    if (text === null) return NOTHING_KEPT
    try {
      const context = { code: 'kept-state-broken', source: this.#file }
      const { lockdown, desired } = parseWith(KEPT_FILE, parseJson(text, context), context)
      return { lockdown, desired: desired === null ? null : new Uint8Array(Buffer.from(desired, 'base64')) }
    } catch (error) {
      throw new EnvironmentError(
        'kept-state-broken',
        `${this.#file}: expected the state this program keeps; the disk, or somebody, has altered it`,
        { retryable: false, cause: error },
      )
    }
  }

  /** In the calling turn: two saves never mix. */
  async save({ lockdown, desired }: KeptState): Promise<void> {
    const text = JSON.stringify({
      lockdown,
      desired: desired === null ? null : Buffer.from(desired).toString('base64'),
    })
    const beside = `${this.#file}.new`
    try {
      whileOpen(beside, 'w', file => {
        writeSync(file, text)
        fsyncSync(file)
      })
      renameSync(beside, this.#file)
      whileOpen(dirname(this.#file), 'r', fsyncSync)
    } catch (error) {
      throw this.#failed('written', error)
    }
  }

  #read(): string | null {
    try {
      return readFileSync(this.#file, 'utf8')
    } catch (error) {
      if (isMissing(error)) return null
      throw this.#failed('read', error)
    }
  }

  #failed(what: 'read' | 'written', cause: unknown): EnvironmentError {
    return new EnvironmentError(
      'keep-failed',
      `${this.#file} could not be ${what}; check its folder and the space on its disk`,
      { retryable: true, cause },
    )
  }
}

function whileOpen(path: string, flags: 'r' | 'w', run: (file: number) => void): void {
  const file = openSync(path, flags, 0o600)
  try {
    run(file)
  } finally {
    closeSync(file)
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
