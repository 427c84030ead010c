import { createPublicKey, randomBytes, verify as verifyBarely } from 'node:crypto'
import {
  BugError,
  CREDENTIAL_AAD,
  catalogue,
  compileTrust,
  decodeSign1,
  encodeAk1Text,
  encodeCbor,
  encodeProof,
  exportEd25519,
  type PublicKey,
  parsePolicy,
  parseTrustFile,
  privateKeyFromSeed,
  proofAad,
  recognise,
  utf8,
  type VerifyContext,
  verify as verifyClaimed,
} from '@ankang/protocol'
import type { Bench, BenchIo, BenchResult } from './bench.ts'
import { benchCity, benchPolicy } from './bench-city.ts'
import { median, quantile, roundMs } from './quantile.ts'

const SHOWN_AT = 1_777_928_729
/** Codes of one side before the other has its turn on the same. */
const BLOCK = 40
const BLOCKS = 80
/** The first blocks are for the compiler of JavaScript. */
const WARM_UP = 15
const LIMIT = 0.8

/** One of the two signatures of a phone's code, ready to be verified by the library alone. */
interface BareSignature {
  readonly message: Uint8Array
  readonly key: PublicKey
  readonly signature: Uint8Array
}

interface PhoneCode {
  readonly bytes: Uint8Array
  readonly signatures: readonly [credential: BareSignature, proof: BareSignature]
}

function bareSignature(sign1: Uint8Array, aad: Uint8Array, key: PublicKey): BareSignature {
  const message = decodeSign1(sign1, { maxBytes: sign1.length, maxDepth: 8 })
  if (!message.ok) throw new BugError('bench-code-broken', 'the bench made a code that cannot be read')
  const { protectedBytes, payload, signature } = message.value
  return { message: encodeCbor(['Signature1', protectedBytes, aad, payload]), key, signature }
}

/** Codes with a credential, a phone's key and a proof of their own each, so that nothing of one serves for another. */
function makeCodes(count: number): { readonly codes: readonly PhoneCode[]; readonly context: VerifyContext } {
  const { city, resident, trustJson } = benchCity(SHOWN_AT)
  const trust = compileTrust(parseTrustFile(trustJson))
  const issuer = trust.issuerKeys(city.keys.county.kid)[0]?.key
  if (issuer === undefined) throw new BugError('bench-city-empty', 'expected the county among the trusted issuers')
  const codes = Array.from({ length: count }, () => {
    const phone = privateKeyFromSeed(randomBytes(32))
    const phoneKey = exportEd25519(phone)
    const { bytes: credential } = city.issue({ resident, carrier: 'phone', at: SHOWN_AT, changes: { phoneKey } })
    const proof = encodeProof({ shownAt: SHOWN_AT, site: null, challenge: null }, credential, phone)
    return {
      bytes: utf8(encodeAk1Text(credential, proof)),
      signatures: [
        bareSignature(credential, CREDENTIAL_AAD, issuer),
        bareSignature(proof, proofAad(credential), createPublicKey(phone)),
      ] as const,
    }
  })
  const policy = parsePolicy(benchPolicy, catalogue)
  return { codes, context: { trust, policy, now: SHOWN_AT, site: 'bench', challenge: null } }
}

function oursVerifies({ bytes }: PhoneCode, context: VerifyContext): boolean {
  const recognition = recognise({ bytes }, catalogue.families)
  return recognition.ok && verifyClaimed(recognition.claimed, context).ok
}

function bareVerifies({ signatures }: PhoneCode): boolean {
  return signatures.every(({ message, key, signature }) => verifyBarely(null, message, key, signature))
}

/** Microseconds a code. */
function blockUs(codes: readonly PhoneCode[], verifies: (code: PhoneCode) => boolean): number {
  const startedMs = performance.now()
  const verified = codes.every(verifies)
  const tookMs = performance.now() - startedMs
  if (!verified) throw new BugError('bench-refused', 'expected every code of the bench to verify')
  return (tookMs * 1000) / codes.length
}

async function measure({ progress, signal }: BenchIo): Promise<BenchResult> {
  signal.throwIfAborted()
  progress(`发码 issuing ${BLOCK * BLOCKS} codes …`)
  const { codes, context } = makeCodes(BLOCK * BLOCKS)
  signal.throwIfAborted()
  progress('核验 verifying …')
  const blocks = Array.from({ length: BLOCKS }, (_, block) => {
    const some = codes.slice(block * BLOCK, (block + 1) * BLOCK)
    const bareFirstUs = block % 2 === 0 ? null : blockUs(some, bareVerifies)
    const oursUs = blockUs(some, code => oursVerifies(code, context))
    return { oursUs, bareUs: bareFirstUs ?? blockUs(some, bareVerifies) }
  }).slice(WARM_UP)
  const oursUs = median(blocks.map(block => block.oursUs))
  const bareUs = median(blocks.map(block => block.bareUs))
  return {
    name: 'verify',
    figures: {
      codes: blocks.length * BLOCK,
      oursPerSecond: Math.round(1_000_000 / oursUs),
      barePerSecond: Math.round(1_000_000 / bareUs),
      oursUs: roundMs(oursUs),
      bareTwiceUs: roundMs(bareUs),
      oursBlockP99Us: roundMs(
        quantile(
          blocks.map(block => block.oursUs),
          0.99,
        ),
      ),
    },
    limit: LIMIT,
    better: 'higher',
    // Of blocks next to each other, so that a slow moment of the machine falls on both.
    ratio: roundMs(median(blocks.map(block => block.bareUs / block.oursUs))),
  }
}

/** A phone's AK1 code, recognised and verified, against the two Ed25519 verifications in it alone. */
export const verify: Bench = {
  name: 'verify',
  summary: '核验一个亮码  verify a phone’s code',
  run: measure,
}
