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

/** How one signature is made of the other by whoever holds no key; null where it is not. */
function makingOver(signature: Uint8Array, original: Uint8Array): 'n − s for s' | 'a leading zero left out' | null {
  const shorter = original.subarray(original.findIndex(byte => byte !== 0))
  if (original.length === ES256_BYTES) return toHex(signature) === toHex(twinOf(original)) ? 'n − s for s' : null
  return toHex(signature) === toHex(shorter) ? 'a leading zero left out' : null
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
    const making = original === undefined ? null : makingOver(parts.signature, original)
    if (making !== null && isReplayed) return `the same certificate, ${making}`
    // Known, and one RSA signature in 256 is such: counted by itself, so that it hides nothing else.
    if (making === 'a leading zero left out') return `A SECOND IDENTITY: ${making}`
    if (making !== null) return null
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
