/*
 * Damaged foreign certificates. Only headers, claims and signature are signed: what wraps them may be spelt in many ways, and
 * must then be known again as the same certificate.
 */
import { asMap, decodeCbor, toHex } from '@ankang/protocol'
import { LOOSE_LIMITS } from './cbor-mutations.ts'
import { twinOf } from './fixed-es256.ts'
import { type Explain, type FuzzCorpus, type FuzzTarget, makeCorpus, type VerifiedInput } from './fuzz-corpus.ts'
import { type Hc1Base, hc1Codes, STRANGER, signParts } from './hc1-codes.ts'
import { type Hc1Parts, readHc1Layers, signedStructure } from './hc1-layers.ts'
import { HC1_MUTATIONS } from './hc1-mutations.ts'

const ISS = 1
const ES256_BYTES = 64

/** Whether it says what was signed. */
function isFaithful({ presentation, base }: VerifiedInput, { payload }: Hc1Parts): boolean {
  const item = decodeCbor(payload, LOOSE_LIMITS)
  const claims = item.ok ? asMap(item.value) : null
  const issuer = claims?.has(ISS) === true ? claims.get(ISS) : ''
  return (
    presentation.issuer === issuer && presentation.expiresAt >= Math.floor(base.now) && presentation.carrier === 'paper'
  )
}

/** Whether one signature is the other's twin, which whoever holds no key can make of it. */
function isTwin(signature: Uint8Array, original: Uint8Array): boolean {
  return original.length === ES256_BYTES && toHex(signature) === toHex(twinOf(original))
}

function explainer(bases: readonly Hc1Base[]): Explain {
  const known = new Map(bases.map(base => [toHex(signedStructure(base)), base.signature]))
  const keys = [...new Set(bases.map(({ key }) => key))].filter(key => key !== STRANGER)
  return input => {
    const parts = readHc1Layers(input.bytes)
    if (parts === null || !isFaithful(input, parts)) return null
    const original = known.get(toHex(signedStructure(parts)))
    const isReplayed = input.reason === 'replayed'
    if (original !== undefined && toHex(original) === toHex(parts.signature))
      return isReplayed ? 'the same certificate, wrapped otherwise' : null
    if (original !== undefined && isTwin(parts.signature, original))
      return isReplayed ? 'the same certificate, n − s for s' : null
    // Our signatures follow from key and message: who signs again and finds the same bytes knows who signed them.
    const isIssued = keys.some(key => toHex(signParts(parts, key).signature) === toHex(parts.signature))
    return isIssued ? 'issued so by its issuer' : null
  }
}

function readCorpus(vectors: string | null): FuzzCorpus {
  const { bases, policies } = hc1Codes(vectors)
  return makeCorpus({
    bases,
    mutations: HC1_MUTATIONS,
    policies,
    originals: bases.map(({ bytes }) => bytes),
    explain: explainer(bases),
  })
}

export const hc1Target: FuzzTarget = { family: 'hc1', readCorpus }
