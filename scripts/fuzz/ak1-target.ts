/*
 * Damaged ak1 codes. base45 and our CBOR have one spelling for each value, and every byte of a code is signed or fixed, so
 * whatever differs from an original must be refused.
 */
import {
  AK1_LIMITS,
  catalogue,
  decodeClaims,
  decodeProfiledSign1,
  encodeAk1Text,
  recognise,
  utf8,
} from '@ankang/protocol'
import { AK1_MUTATIONS, type Ak1Base, readAk1Layers } from './ak1-mutations.ts'
import { type FuzzCorpus, type FuzzTarget, makeCorpus } from './fuzz-corpus.ts'
import { baseOf, bytesOf, readPublished } from './published.ts'

function isBearer(credential: Uint8Array): boolean {
  const message = decodeProfiledSign1(credential, AK1_LIMITS, 'kid')
  const claims = message.ok ? decodeClaims(message.value.payload) : message
  return claims.ok && claims.value.phoneKey === null
}

/**
 * The published cases that decode, but for those whose damage could be undone: one flipped bit of a valid signature
 * is one flip from valid again.
 */
function readCorpus(): FuzzCorpus {
  const published = readPublished()
  const bases = published.cases.flatMap((one): Ak1Base[] => {
    const base = baseOf(one, published)
    const layers = recognise(base, catalogue.families).ok ? readAk1Layers(base.bytes) : null
    return layers === null || one.expect['reason'] === 'bad-signature' ? [] : [{ ...base, ...layers }]
  })
  // Freed of a proof it should not have, a bearer's credential is a code its issuer made.
  const bearers = bases
    .filter(({ credential }) => isBearer(credential))
    .map(({ credential }) => utf8(encodeAk1Text(credential)))
  return makeCorpus({
    bases,
    mutations: AK1_MUTATIONS,
    policies: Object.values(published.policies),
    originals: [...published.cases.map(bytesOf), ...bearers],
    explain: () => null,
  })
}

export const ak1Target: FuzzTarget = { family: 'ak1', readCorpus }
