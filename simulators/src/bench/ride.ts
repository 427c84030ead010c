import { createPublicKey, createSign, createVerify, randomBytes } from 'node:crypto'
import {
  BugError,
  catalogue,
  compileTrust,
  encodeRideAuthorisation,
  encodeRideCertificate,
  encodeRideCode,
  fromHex,
  parsePolicy,
  parseTrustFile,
  recognise,
  sm2PrivateKey,
  toHex,
  type VerifyContext,
  verify,
} from '@ankang/protocol'
import { type RideKey, rideKeyFrom } from '../ride/ride-key.ts'
import type { Bench, BenchIo, BenchResult } from './bench.ts'
import { benchPolicy } from './bench-city.ts'
import { median, quantile, roundMs } from './quantile.ts'

const SHOWN_AT = 1_777_928_729
const VERSION = 'interoperable'
const ROUNDS = 400
/** The first rounds are for the compiler of JavaScript. */
const WARM_UP = 100
/** Z, and about what an issuer signs. */
const SIGNED_BYTES = 32 + 195
/** The share of a showing's time that a ride code may take, where its issuer is met for the first time and where it is known. */
const LIMITS = { firstSightMs: 15, cachedMs: 3 }

const random = (lengthBytes: number) => new Uint8Array(randomBytes(lengthBytes))

interface Issuer {
  readonly key: RideKey
  readonly certificate: Uint8Array
}

function makeIssuer(root: RideKey): Issuer {
  const key = rideKeyFrom(random(32))
  const content = {
    version: VERSION,
    service: fromHex('01010000'),
    rootIndex: 1,
    issuer: fromHex('02002900'),
    expires: { month: 12, year: 2049 },
    serial: randomBytes(3).readUIntBE(0, 3),
    publicKey: key.compressed,
  } as const
  return { key, certificate: encodeRideCertificate(content, root.sign) }
}

/** The code of an account that nobody has met. */
function makeCode({ key, certificate }: Issuer): Uint8Array {
  const account = rideKeyFrom(random(32))
  const content = {
    version: VERSION,
    certificate,
    paymentAccount: random(16),
    cardAccount: random(10),
    issuer: fromHex('02002900'),
    platform: fromHex('00000001'),
    accountType: 'ordinary',
    singleRideLimitFen: 1000,
    accountKey: account.compressed,
    authorisedUntil: SHOWN_AT + 86_400,
    validitySeconds: 300,
    custom: new Uint8Array(0),
  } as const
  return encodeRideCode(VERSION, encodeRideAuthorisation(content, key.sign), SHOWN_AT, account.sign)
}

function trusting(root: RideKey): VerifyContext {
  const roots = [{ index: 1, alg: 'SM2', publicKey: toHex(root.point) }]
  const trust = compileTrust(parseTrustFile({ version: 1, issuers: [], statusLists: [], denied: [], roots }))
  return { trust, policy: parsePolicy(benchPolicy, catalogue), now: SHOWN_AT, site: 'bench', challenge: null }
}

function codeMs(bytes: Uint8Array, context: VerifyContext): number {
  const startedMs = performance.now()
  const recognition = recognise({ bytes }, catalogue.families)
  const isVerified = recognition.ok && verify(recognition.claimed, context).ok
  const tookMs = performance.now() - startedMs
  if (!isVerified) throw new BugError('bench-refused', 'expected every ride code of the bench to verify')
  return tookMs
}

/** One SM2 signature over ready bytes, by a ready key. */
function bareVerification(): () => number {
  const key = sm2PrivateKey(Uint8Array.of(1, ...random(31)))
  const publicKey = createPublicKey(key)
  const message = random(SIGNED_BYTES)
  const signature = createSign('sm3').update(message).sign(key)
  return () => {
    const startedMs = performance.now()
    const isVerified = createVerify('sm3').update(message).verify(publicKey, signature)
    const tookMs = performance.now() - startedMs
    if (!isVerified) throw new BugError('bench-floor-refused', 'the floor did not verify its own signature')
    return tookMs
  }
}

async function measure({ progress, signal }: BenchIo): Promise<BenchResult> {
  const root = rideKeyFrom(random(32))
  const known = makeIssuer(root)
  const [newcomers, regulars] = [trusting(root), trusting(root)]
  const bareMs = bareVerification()
  codeMs(makeCode(known), regulars) // from here on its certificate is known
  const rounds: { readonly firstSightMs: number; readonly cachedMs: number; readonly bareMs: number }[] = []
  for (let round = 0; round < ROUNDS; round++) {
    signal.throwIfAborted()
    if (round % 100 === 0) progress(`乘车码 ride codes ${round}/${ROUNDS} …`)
    const stranger = makeCode(makeIssuer(root))
    const regular = makeCode(known)
    rounds.push({
      firstSightMs: codeMs(stranger, newcomers),
      cachedMs: codeMs(regular, regulars),
      bareMs: bareMs(),
    })
  }
  return summarise(rounds.slice(WARM_UP))
}

function summarise(rounds: readonly { firstSightMs: number; cachedMs: number; bareMs: number }[]): BenchResult {
  const first = rounds.map(({ firstSightMs }) => firstSightMs)
  const cached = rounds.map(({ cachedMs }) => cachedMs)
  const figures = {
    codes: rounds.length,
    firstSightMs: roundMs(median(first)),
    firstSightP99Ms: roundMs(quantile(first, 0.99)),
    cachedMs: roundMs(median(cached)),
    cachedP99Ms: roundMs(quantile(cached, 0.99)),
    bareSm2Ms: roundMs(median(rounds.map(({ bareMs }) => bareMs))),
  }
  const ratio = Math.max(figures.firstSightMs / LIMITS.firstSightMs, figures.cachedMs / LIMITS.cachedMs)
  return { name: 'ride', figures, limit: 1, better: 'lower', ratio: roundMs(ratio) }
}

/** A ride code, recognised and verified: its whole chain of three SM2 signatures, and with its certificate known. */
export const ride: Bench = {
  name: 'ride',
  summary: '核验乘车码  verify a ride code',
  run: measure,
}
