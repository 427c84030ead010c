import { createECDH, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { deflateSync } from 'node:zlib'
import { type Decision, encodeBase45, encodeCbor, keyId, Tagged, toHex } from '@ankang/protocol'
import { judge, NOW, type World, world } from './ak1-world.ts'

/** The P-256 key of a number: the same in every run. */
export function ecKeyOf(number: number): KeyObject {
  const ecdh = createECDH('prime256v1')
  ecdh.setPrivateKey(Buffer.alloc(32, number))
  const point = ecdh.getPublicKey()
  const part = (from: number) => point.subarray(from, from + 32).toString('base64url')
  const d = ecdh.getPrivateKey().toString('base64url')
  return createPrivateKey({ format: 'jwk', key: { kty: 'EC', crv: 'P-256', x: part(1), y: part(33), d } })
}

export const rsaKey = (bits: number): KeyObject => generateKeyPairSync('rsa', { modulusLength: bits }).privateKey

/** The public half as trust files spell it. */
export function spkiOf(key: KeyObject): Uint8Array {
  return new Uint8Array(createPublicKey(key).export({ format: 'der', type: 'spki' }))
}

export const FOREIGN_KEY = ecKeyOf(4)
export const FOREIGN_KID = keyId(spkiOf(FOREIGN_KEY))
export const ES256 = -7
export const PS256 = -37

export type Entries = readonly (readonly [unknown, unknown])[]

/** As much as real ones say. */
const VACCINATION = new Map<string, unknown>([
  ['ver', '1.3.0'],
  ['dob', '1964-08-12'],
  ['nam', new Map(Object.entries({ fn: 'Musterfrau', fnt: 'MUSTERFRAU', gn: 'Gabriele', gnt: 'GABRIELE' }))],
  [
    'v',
    [
      new Map<string, unknown>([
        ...Object.entries({ tg: '840539006', vp: '1119305005', mp: 'EU/1/20/1528', ma: 'ORG-100030215' }),
        ...Object.entries({ dn: 2, sd: 2, dt: '2021-05-03', co: 'FR', is: 'Ministère de la santé' }),
        ['ci', 'URN:UVCI:01:FR:W7V2BE46QSBJ#L'],
      ]),
    ],
  ],
])

/** A foreign certificate before it is signed. As `certificate()` makes it, it is admitted; a test changes what it is about. */
export interface Certificate {
  key: KeyObject
  protectedHeader: Entries
  unprotected: Entries
  claims: Entries
  /** Instead of the encoded claims. */
  payload?: Uint8Array
  /** Outermost first. */
  tags: readonly number[]
}

export function certificate(): Certificate {
  return {
    key: FOREIGN_KEY,
    protectedHeader: [
      [1, ES256],
      [4, FOREIGN_KID],
    ],
    unprotected: [],
    claims: [
      [1, 'FR'],
      [4, NOW + 3600],
      [6, NOW - 3600],
      [-260, new Map([[1, VACCINATION]])],
    ],
    tags: [18],
  }
}

/** The claims of `certificate()` with some replaced, and those made undefined left out. */
export function claimsWith(...changed: Entries): Entries {
  return [...new Map([...certificate().claims, ...changed])].filter(([, value]) => value !== undefined)
}

function signatureOver(message: Uint8Array, key: KeyObject): Uint8Array {
  return key.asymmetricKeyType === 'rsa'
    ? sign('sha256', message, { key, padding: 6, saltLength: 32 })
    : sign('sha256', message, { key, dsaEncoding: 'ieee-p1363' })
}

/** The COSE_Sign1, signed. */
export function coseOf({ key, protectedHeader, unprotected, claims, payload, tags }: Certificate): Uint8Array {
  const header = protectedHeader.length === 0 ? new Uint8Array(0) : encodeCbor(new Map(protectedHeader))
  const content = payload ?? encodeCbor(new Map(claims))
  const signature = signatureOver(encodeCbor(['Signature1', header, new Uint8Array(0), content]), key)
  const message = [header, new Map(unprotected), content, new Uint8Array(signature)]
  return encodeCbor(tags.reduceRight<unknown>((inner, tag) => new Tagged(tag, inner), message))
}

export function hc1TextOf(cose: Uint8Array): string {
  return `HC1:${encodeBase45(new Uint8Array(deflateSync(cose, { level: 9 })))}`
}

export function foreignText(changed: Partial<Certificate> = {}): string {
  return hc1TextOf(coseOf({ ...certificate(), ...changed }))
}

/** A checkpoint that believes the key of `certificate()` for any issuer, and takes certificates from abroad. */
export function checkpoint(): World {
  const shown = world()
  shown.issuer = {
    id: '*',
    alg: 'ES256',
    publicKey: toHex(spkiOf(FOREIGN_KEY)),
    notBefore: 0,
    notAfter: NOW + 86_400,
    families: ['hc1'],
    kinds: ['person'],
  }
  shown.policy = { ...shown.policy, families: ['hc1'] }
  return shown
}

/** What becomes of a certificate at a checkpoint; both as they come are admitted. */
export function fate(changed: Partial<Certificate>, place: (shown: World) => void = () => undefined): Decision {
  const shown = checkpoint()
  place(shown)
  return judge(shown, foreignText(changed))
}
