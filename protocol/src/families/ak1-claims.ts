/*
 * What an AK1 credential and its proof say. Source: formats.md §1.
 *
 *   claims  1 iss · 2 sub bstr(16) · 4 exp · 5 nbf? · 6 iat · 7 cti bstr(8..16) · 8 cnf? {1: {1: 1, -1: 6, -2: bstr(32)}}
 *   -70001  1 kind · 2? [colour, asOf] · 3? masked name · 4? facts {1?: [NAT, sampled at], 2?: doses} · 5? [list, idx]
 *           6? [[scope bstr, right tstr, from, until], …] · 7? true: paper
 *   proof   6 shown-at · 3? site · 10? challenge bstr(8..32)
 *
 * Unknown claims are ignored; a known claim of the wrong type or size makes the code malformed.
 */
import { type CborLimits, type CborMap, type CborValue, type Decoded, decodeCbor } from '../codec/cbor.ts'
import { asArray, asBytes, asMap, asText, asUint } from '../codec/cbor-narrow.ts'
import type { Entitlement } from '../presentation.ts'
import { KINDS, type Kind } from '../trust/trust-file.ts'

export const AK1_LIMITS: CborLimits = { maxBytes: 1024, maxDepth: 8 }
/** Claims nobody here knows may hold what we never write; they are ignored, not a reason to refuse. */
const CLAIM_LIMITS: CborLimits = { ...AK1_LIMITS, foreign: true }
const COUNTY_MAP = -70001

export interface Ak1Claims {
  readonly issuer: string
  readonly subject: Uint8Array
  readonly expiresAt: number
  readonly notBefore: number | null
  readonly issuedAt: number
  readonly credentialId: Uint8Array
  /** Raw Ed25519 key of the phone; null for paper and online codes. */
  readonly phoneKey: Uint8Array | null
  readonly kind: Kind
  readonly stamp: { readonly colour: number; readonly asOf: number } | null
  readonly maskedName: string | null
  readonly nat: { readonly positive: boolean; readonly sampledAt: number } | null
  readonly doses: number | null
  readonly status: { readonly list: number; readonly index: number } | null
  readonly entitlements: readonly Entitlement[]
  readonly paper: boolean
}

export interface Ak1Proof {
  readonly shownAt: number
  readonly site: string | null
  readonly challenge: Uint8Array | null
}

/** Thrown and caught inside this file only: the shortest way out of a deep structure. */
class WrongClaim extends TypeError {}

function must<T>(value: T | null, what: string): T {
  if (value === null) throw new WrongClaim(what)
  return value
}

/** A claim that may be absent, and if present must read. */
function optional<T>(value: CborValue | undefined, read: (value: CborValue) => T | null, what: string): T | null {
  return value === undefined ? null : must(read(value), what)
}

function pairOfUints(value: CborValue): readonly [number, number] | null {
  const items = asArray(value)
  const first = asUint(items?.[0])
  const second = asUint(items?.[1])
  return items?.length === 2 && first !== null && second !== null ? [first, second] : null
}

function readPhoneKey(value: CborValue): Uint8Array | null {
  const coseKey = asMap(asMap(value)?.get(1))
  if (asMap(value)?.size !== 1 || coseKey?.size !== 3) return null
  return coseKey.get(1) === 1 && coseKey.get(-1) === 6 ? asBytes(coseKey.get(-2), 32, 32) : null
}

function readEntitlement(value: CborValue): Entitlement | null {
  const items = asArray(value)
  const scope = asBytes(items?.[0])
  const right = asText(items?.[1])
  const from = asUint(items?.[2])
  const until = asUint(items?.[3])
  if (items?.length !== 4 || scope === null || right === null || from === null || until === null) return null
  return { scope, right, from, until }
}

function readEntitlements(value: CborValue): readonly Entitlement[] | null {
  return asArray(value)?.map(item => must(readEntitlement(item), 'entitlement')) ?? null
}

function readNat(value: CborValue): Ak1Claims['nat'] {
  const pair = pairOfUints(value)
  return pair === null || pair[0] > 1 ? null : { positive: pair[0] === 1, sampledAt: pair[1] }
}

function readClaims(map: CborMap): Ak1Claims {
  const county = must(asMap(map.get(COUNTY_MAP)), 'county map')
  const facts = optional(county.get(4), asMap, 'facts')
  const stamp = optional(county.get(2), pairOfUints, 'colour stamp')
  const status = optional(county.get(5), pairOfUints, 'status index')
  const paper = optional(county.get(7), value => (typeof value === 'boolean' ? value : null), 'paper') ?? false
  const phoneKey = optional(map.get(8), readPhoneKey, 'cnf')
  if (paper && phoneKey !== null) throw new WrongClaim('paper together with cnf')
  if (paper && status === null) throw new WrongClaim('paper without status index')
  return {
    issuer: must(asText(map.get(1)), 'iss'),
    subject: must(asBytes(map.get(2), 16, 16), 'sub'),
    expiresAt: must(asUint(map.get(4)), 'exp'),
    notBefore: optional(map.get(5), value => asUint(value), 'nbf'),
    issuedAt: must(asUint(map.get(6)), 'iat'),
    credentialId: must(asBytes(map.get(7), 8, 16), 'cti'),
    phoneKey,
    kind: must(KINDS[(asUint(county.get(1)) ?? 0) - 1] ?? null, 'kind'),
    stamp: stamp === null ? null : { colour: stamp[0], asOf: stamp[1] },
    maskedName: optional(county.get(3), asText, 'masked name'),
    nat: optional(facts?.get(1), readNat, 'NAT'),
    doses: optional(facts?.get(2), value => asUint(value), 'doses'),
    status: status === null ? null : { list: status[0], index: status[1] },
    entitlements: optional(county.get(6), readEntitlements, 'entitlements') ?? [],
    paper,
  }
}

function readProof(map: CborMap): Ak1Proof {
  return {
    shownAt: must(asUint(map.get(6)), 'shown-at'),
    site: optional(map.get(3), asText, 'site'),
    challenge: optional(map.get(10), value => asBytes(value, 8, 32), 'challenge'),
  }
}

function decodeWith<T>(bytes: Uint8Array, read: (map: CborMap) => T): Decoded<T> {
  const item = decodeCbor(bytes, CLAIM_LIMITS)
  if (!item.ok) return item
  try {
    return { ok: true, value: read(must(asMap(item.value), 'payload')) }
  } catch (error) {
    if (error instanceof WrongClaim)
      return { ok: false, detail: `${error.message}: missing, or of the wrong type or size` }
    throw error
  }
}

export function decodeClaims(payload: Uint8Array): Decoded<Ak1Claims> {
  return decodeWith(payload, readClaims)
}

export function decodeProof(payload: Uint8Array): Decoded<Ak1Proof> {
  return decodeWith(payload, readProof)
}
