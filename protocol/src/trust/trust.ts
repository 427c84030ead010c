import { fromHex, toHex, utf8 } from '../codec/bytes.ts'
import { decodeStatusList, type StatusEntries } from '../codec/status-list.ts'
import {
  type AlgorithmName,
  importPublicKey,
  importSm2,
  keyId,
  type PublicKey,
  type Sm2PublicKey,
  sha256,
} from '../crypto.ts'
import { UsageError } from '../errors.ts'
import type { Kind, TrustFile, TrustFileIssuer } from './trust-file.ts'

/** A key that may sign credentials, ready to use. */
export interface IssuerKey {
  readonly issuer: string
  readonly kid: Uint8Array
  readonly algorithm: AlgorithmName
  readonly key: PublicKey
  readonly notBefore: number
  readonly notAfter: number
  readonly families: ReadonlySet<string>
  readonly kinds: ReadonlySet<Kind>
  readonly mayStampColour: boolean
  readonly mayStateFacts: boolean
  readonly maySignPaper: boolean
  /** Lists its codes may cite; null is any. */
  readonly statusLists: ReadonlySet<number> | null
  readonly maxValiditySeconds: number
}

export interface StatusList {
  readonly id: number
  /** Null: any issuer's codes may cite it. */
  readonly issuer: string | null
  /** Time of the consistent read it was made from, Unix seconds. */
  readonly asOf: number
  readonly entries: StatusEntries
}

export interface DelegatedKey {
  readonly kid: Uint8Array
  readonly publicKey: Uint8Array
  readonly key: PublicKey
}

export interface SealingKey {
  readonly id: string
  /** X25519, raw. */
  readonly publicKey: Uint8Array
}

/** Whom a device believes, looked up the way the checks ask. Immutable: a new bundle is a new Trust. */
export interface Trust {
  readonly version: number
  issuerKeys(kid: Uint8Array): readonly IssuerKey[]
  /** The newest list with this id that the issuer's codes may use. */
  statusList(id: number, issuer: string): StatusList | null
  isDenied(family: string, issuer: string, credentialId: Uint8Array): boolean
  delegated(use: 'receipt' | 'command' | 'desired' | 'log' | 'colour' | 'grant', kid: Uint8Array): DelegatedKey | null
  /** The root of the ride scheme that a certificate names. */
  rideRoot(index: number): Sm2PublicKey | null
  /** Whether the holder of this certificate may issue codes of this issuer, both as hex. True for all where nothing is said. */
  isRidePair(certificateIssuer: string, codeIssuer: string): boolean
  readonly countyKey: SealingKey | null
  readonly clearingKey: SealingKey | null
  /** SHA-256 of the canonical JSON it was made from. */
  readonly digest: Uint8Array
}

function compileIssuer(entry: TrustFileIssuer): IssuerKey {
  const publicKey = fromHex(entry.publicKey)
  const key = importPublicKey(entry.alg, publicKey)
  if (key === null) {
    throw new UsageError(
      'trust-key-invalid',
      `issuer ${entry.id}: publicKey is no ${entry.alg} key; expected ${entry.alg === 'EdDSA' ? '32 raw bytes' : 'SPKI DER'} as hex`,
    )
  }
  return {
    issuer: entry.id,
    kid: entry.kid === undefined ? keyId(publicKey) : fromHex(entry.kid),
    algorithm: entry.alg,
    key,
    notBefore: entry.notBefore,
    notAfter: entry.notAfter,
    families: new Set(entry.families),
    kinds: new Set(entry.kinds),
    mayStampColour: entry.colour ?? true,
    mayStateFacts: entry.facts ?? true,
    maySignPaper: entry.paper ?? true,
    statusLists: entry.statusLists === undefined ? null : new Set(entry.statusLists),
    maxValiditySeconds: entry.maxValiditySeconds ?? Number.POSITIVE_INFINITY,
  }
}

function compileStatusList(entry: TrustFile['statusLists'][number]): StatusList {
  const entries = decodeStatusList(new Uint8Array(Buffer.from(entry.lst, 'base64url')))
  if (!entries.ok)
    throw new UsageError(
      'status-list-invalid',
      `status list ${entry.id}: lst does not open as zlib (${entries.detail})`,
    )
  return { id: entry.id, issuer: entry.issuer ?? null, asOf: entry.asOf, entries: entries.value }
}

function compileRoot({ index, publicKey }: TrustFile['roots'][number]): Sm2PublicKey {
  const key = importSm2(fromHex(publicKey))
  if (key !== null) return key
  throw new UsageError('trust-key-invalid', `root ${index}: publicKey is no SM2 point; expected 65 bytes as hex`)
}

function groupByKid(keys: readonly IssuerKey[]): Map<string, IssuerKey[]> {
  const groups = new Map<string, IssuerKey[]>()
  for (const key of keys) groups.set(toHex(key.kid), [...(groups.get(toHex(key.kid)) ?? []), key])
  return groups
}

/** Imports every key and opens every list once, so that a showing pays for none of it. Throws `trust-key-invalid`, `status-list-invalid`. */
export function compileTrust(file: TrustFile): Trust {
  const issuers = groupByKid(file.issuers.map(compileIssuer))
  const lists = file.statusLists.map(compileStatusList).sort((a, b) => b.asOf - a.asOf)
  const denied = new Set(
    file.denied.map(entry =>
      typeof entry === 'string'
        ? `ak1/*/${entry.toLowerCase()}`
        : `${entry.family}/${entry.issuer.toLowerCase()}/${entry.id.toLowerCase()}`,
    ),
  )
  const delegatedKeys = file.keys.map(entry => {
    const publicKey = fromHex(entry.publicKey)
    const key = importPublicKey('EdDSA', publicKey)
    if (key === null) throw new UsageError('trust-key-invalid', `key for ${entry.use}: publicKey is no Ed25519 key`)
    return { use: entry.use, kid: fromHex(entry.kid), publicKey, key }
  })
  const sealingKey = (entry: { id: string; publicKey: string } | undefined): SealingKey | null =>
    entry === undefined ? null : { id: entry.id, publicKey: fromHex(entry.publicKey) }

  const roots = new Map(file.roots.map(entry => [entry.index, compileRoot(entry)]))
  const pairs = file.rideIssuers?.map(({ certificate, issuers }) => ({
    certificate: certificate.toLowerCase(),
    issuers: new Set(issuers.map(id => id.toLowerCase())),
  }))

  return {
    version: file.version,
    issuerKeys: kid => issuers.get(toHex(kid)) ?? [],
    statusList: (id, issuer) =>
      lists.find(list => list.id === id && (list.issuer === null || list.issuer === issuer)) ?? null,
    isDenied: (family, issuer, credentialId) => {
      const id = toHex(credentialId)
      // Ride issuers are hex, which hands write in either case.
      return denied.has(`${family}/${issuer.toLowerCase()}/${id}`) || (family === 'ak1' && denied.has(`ak1/*/${id}`))
    },
    delegated: (use, kid) => delegatedKeys.find(entry => entry.use === use && toHex(entry.kid) === toHex(kid)) ?? null,
    rideRoot: index => roots.get(index) ?? null,
    isRidePair: (certificate, issuer) =>
      pairs === undefined || pairs.some(pair => pair.certificate === certificate && pair.issuers.has(issuer)),
    countyKey: sealingKey(file.countyKeys[0]),
    clearingKey: sealingKey(file.clearingKeys[0]),
    digest: sha256(utf8(JSON.stringify(file))),
  }
}
