import { createPrivateKey, generateKeyPairSync, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import {
  AnkangError,
  EnvironmentError,
  exportPrivateKeyPem,
  importPrivateKeyPem,
  type PrivateKey,
  parseJson,
  parseWith,
  privateKeyFromSeed,
  UsageError,
} from '@ankang/protocol'
import * as v from 'valibot'
import type { Identity, IdentityFiles, IdentityKeys, NewIdentity } from '../../ports/identity-files.ts'
import { insistOnOwnerOnly } from './owner-only.ts'
import { removeFile, replaceFile, settleFile } from './whole-file.ts'

/** Absolute. */
export interface IdentityPaths {
  readonly ca: string
  readonly certificate: string
  /** May be the same as `deviceKey`. */
  readonly lineKey: string
  readonly deviceKey: string
  readonly trust: string
}

/** The steps of a commit, for tests that cut it short. */
export interface IdentityDisk {
  replace(path: string, content: Uint8Array | string, mode: number): void
  settle(path: string, content: Uint8Array | string, mode: number): boolean
  remove(path: string): void
}

const DISK: IdentityDisk = { replace: replaceFile, settle: settleFile, remove: removeFile }
const FOR_ALL = 0o644
const OWNER_ONLY = 0o600

const PENDING = v.strictObject({
  ca: v.string(),
  certificate: v.string(),
  trust: v.nullable(v.string()),
  deskUrl: v.string(),
})
const DESK = v.object({ deskUrl: v.string() })

/**
 * Identity in files. A commit is written down whole beside the certificate (`….pending`) before any file changes, and carried out
 * from there: whoever loads next finishes what was cut short.
 */
export class FileIdentity implements IdentityFiles {
  readonly #paths: IdentityPaths
  readonly #disk: IdentityDisk
  readonly #pending: string
  readonly #desk: string

  constructor(paths: IdentityPaths, disk: IdentityDisk = DISK) {
    this.#paths = paths
    this.#disk = disk
    this.#pending = `${paths.certificate}.pending`
    this.#desk = `${paths.certificate}.desk`
  }

  async load(): Promise<Identity> {
    return this.#onDisk('read', () => {
      const pending = readIfThere(this.#pending)
      if (pending !== null) this.#carryOut(pending)
      const desk = readIfThere(this.#desk)
      const trust = readIfThere(this.#paths.trust)
      return {
        ca: readIfThere(this.#paths.ca)?.toString('utf8') ?? null,
        certificate: readIfThere(this.#paths.certificate)?.toString('utf8') ?? null,
        trust: trust === null ? null : new Uint8Array(trust),
        deskUrl: desk === null ? null : parsed(DESK, desk, this.#desk).deskUrl,
      }
    })
  }

  async keys(): Promise<IdentityKeys> {
    const { deviceKey, lineKey } = this.#paths
    const device = importPrivateKeyPem(this.#keyPem(deviceKey, newDeviceKeyPem))
    if (lineKey === deviceKey) return { device, line: device }
    return { device, line: importLineKey(this.#keyPem(lineKey, newLineKeyPem), lineKey) }
  }

  async commit({ ca, certificate, trust, deskUrl }: NewIdentity): Promise<void> {
    const base64 = trust === null ? null : Buffer.from(trust).toString('base64')
    const pending = JSON.stringify({ ca, certificate, trust: base64, deskUrl })
    this.#onDisk('written', () => {
      this.#disk.replace(this.#pending, pending, FOR_ALL)
      this.#carryOut(Buffer.from(pending))
    })
  }

  /** The certificate last: while there is none the box waits, whatever else is there. */
  #carryOut(pending: Uint8Array): void {
    const { ca, certificate, trust, deskUrl } = parsed(PENDING, pending, this.#pending)
    if (trust !== null) this.#disk.settle(this.#paths.trust, Buffer.from(trust, 'base64'), FOR_ALL)
    this.#disk.replace(this.#desk, JSON.stringify({ deskUrl }), FOR_ALL)
    this.#disk.replace(this.#paths.ca, ca, FOR_ALL)
    this.#disk.replace(this.#paths.certificate, certificate, FOR_ALL)
    this.#disk.remove(this.#pending)
  }

  #keyPem(path: string, make: () => string): string {
    return this.#onDisk('written', () => {
      if (readIfThere(path) === null) this.#disk.settle(path, make(), OWNER_ONLY)
      insistOnOwnerOnly(path)
      return readFileSync(path, 'utf8')
    })
  }

  #onDisk<T>(what: 'read' | 'written', run: () => T): T {
    try {
      return run()
    } catch (error) {
      if (error instanceof AnkangError) throw error
      throw new EnvironmentError(
        'identity-failed',
        `the files of this box's identity (${this.#paths.certificate} and beside it) could not be ${what}; check their folders and the space on the disk`,
        { cause: error, retryable: true },
      )
    }
  }
}

function readIfThere(path: string): Buffer | null {
  try {
    return readFileSync(path)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}

/** Throws `identity-broken`: such files are replaced whole, so somebody, or the disk, has altered it. */
function parsed<S extends v.GenericSchema>(schema: S, bytes: Uint8Array, source: string): v.InferOutput<S> {
  const context = { code: 'identity-broken', source }
  return parseWith(schema, parseJson(Buffer.from(bytes).toString('utf8'), context), context)
}

function newDeviceKeyPem(): string {
  return exportPrivateKeyPem(privateKeyFromSeed(randomBytes(32)))
}

/** P-256: every TLS library takes it, hardware keys too. */
function newLineKeyPem(): string {
  return generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { format: 'pem', type: 'pkcs8' },
    publicKeyEncoding: { format: 'pem', type: 'spki' },
  }).privateKey
}

function importLineKey(pem: string, path: string): PrivateKey {
  try {
    return createPrivateKey(pem)
  } catch (error) {
    throw new UsageError('private-key-expected', `${path}: expected a private key as PKCS#8 PEM`, { cause: error })
  }
}
