/*
 * Foreign certificates to damage: the published set where it is at hand, and our own beside it, in the ways the world wraps
 * them. Of our own ES256 ones the issuer's key is at hand too.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import {
  ALGORITHMS,
  type CborMap,
  compileTrust,
  encodeCbor,
  keyId,
  type Policy,
  parseTrustFile,
  toHex,
} from '@ankang/protocol'
import { type FixedEs256, fixedEs256 } from './fixed-es256.ts'
import type { FuzzBase } from './fuzz-corpus.ts'
import { fromParts, type Hc1Layers, type Hc1Parts, readHc1Layers, signedStructure } from './hc1-layers.ts'
import { baseOf, readPublished } from './published.ts'

export interface Hc1Base extends FuzzBase, Hc1Layers {
  /** The issuer's key; a stranger's where we do not have it. */
  readonly key: FixedEs256
}

export const STRANGER = fixedEs256('stranger')

const OWN_PS256 = new URL('./hc1-ps256.json', import.meta.url)
/** 5 May 2026. */
const NOW = 1_777_928_729
const YEAR_SECONDS = 365 * 86_400
const ISSUER = fixedEs256('foreign issuer')
const KID = keyId(ISSUER.spki)

const TRUST = compileTrust(
  parseTrustFile({
    version: 1,
    issuers: [
      {
        id: '*',
        alg: 'ES256',
        publicKey: toHex(ISSUER.spki),
        notBefore: 0,
        notAfter: NOW + YEAR_SECONDS,
        families: ['hc1'],
        kinds: ['person'],
      },
    ],
  }),
)

const NOTHING: CborMap = new Map()
const ALG = [1, ALGORITHMS.ES256.coseId] as const
const KEY = [4, KID] as const

type Wrapping = readonly [name: string, protectedBytes: Uint8Array, unprotected: CborMap, tags: readonly number[]]

const WRAPPINGS: readonly Wrapping[] = [
  ['headers protected', encodeCbor(new Map<number, unknown>([ALG, KEY])), NOTHING, [18]],
  ['kid unprotected', encodeCbor(new Map([ALG])), new Map([KEY]), [18]],
  ['headers unprotected', new Uint8Array(0), new Map<number, number | Uint8Array>([ALG, KEY]), [18]],
  ['an empty map protected', encodeCbor(NOTHING), new Map<number, number | Uint8Array>([ALG, KEY]), [18]],
  ['a CWT', encodeCbor(new Map<number, unknown>([ALG, KEY])), NOTHING, [61, 18]],
  ['no tag', encodeCbor(new Map<number, unknown>([ALG, KEY])), NOTHING, []],
]

function claims(serial: number): Uint8Array {
  const vaccination = new Map<string, unknown>([
    ['tg', '840539006'],
    ['dn', 2],
    ['dt', '2026-04-01'],
    ['ci', `URN:UVCI:01:XX:OWN${serial}`],
  ])
  const certificate = new Map<string, unknown>([
    ['ver', '1.3.0'],
    ['nam', new Map(Object.entries({ fnt: 'MUSTERMANN', gnt: 'ERIKA' }))],
    ['v', [vaccination]],
  ])
  return encodeCbor(
    new Map<number, unknown>([
      [1, 'XX'],
      [4, NOW + YEAR_SECONDS],
      [6, NOW - 86_400],
      [-260, new Map([[1, certificate]])],
    ]),
  )
}

/** The parts signed by this key, whatever stood there as a signature. */
export function signParts(parts: Hc1Parts, key: FixedEs256): Hc1Parts {
  return { ...parts, signature: key.sign(signedStructure(parts)) }
}

function withLayers(base: FuzzBase, key: FixedEs256): readonly Hc1Base[] {
  const layers = readHc1Layers(base.bytes)
  return layers === null ? [] : [{ ...base, ...layers, key }]
}

function ownEs256(): readonly Hc1Base[] {
  return WRAPPINGS.flatMap(([name, protectedBytes, unprotected, tags], serial) => {
    const parts = { tags, protectedBytes, unprotected, payload: claims(serial), signature: new Uint8Array(0) }
    const bytes = fromParts(signParts(parts, ISSUER))
    return withLayers({ name: `own: ${name}`, bytes, trust: TRUST, now: NOW, site: null, challenge: null }, ISSUER)
  })
}

function publishedIn(file: URL | string): readonly Hc1Base[] {
  const published = readPublished(file)
  return published.cases
    .filter(one => one.expect['outcome'] === 'admit')
    .flatMap(one => withLayers(baseOf(one, published), STRANGER))
}

/** `vectors`: the folder with dgc/cases.json; null where there is none. */
export function hc1Codes(vectors: string | null): {
  readonly bases: readonly Hc1Base[]
  readonly policies: readonly Policy[]
} {
  const set = vectors === null ? null : join(vectors, 'dgc', 'cases.json')
  const published = set !== null && existsSync(set) ? publishedIn(set) : []
  return {
    bases: [...published, ...publishedIn(OWN_PS256), ...ownEs256()],
    policies: Object.values(readPublished(OWN_PS256).policies),
  }
}
