/*
 * The transit ride code, bytes. Source: JT/T 1179 as formats.md §3 has it. Integers big-endian; L is the custom field's length.
 *
 *     0    1  version 0x80 interoperable, 0x81 local         146     4  issuer
 *     1    2  length of all that follows                     150     4  platform
 *     3  117  issuer certificate, below                      154     1  account type
 *   120   16  payment account                                155     3  single-ride limit, fen
 *   136   10  card account                                   158    33  account public key, compressed
 *   191    4  authorisation expires                          195     2  validity, seconds from generation
 *   197  1+L  custom field, L ≤ 32
 *   198+L 1+64  tag, issuer signature over offset 3 … end of custom field
 *   263+L    4  generated at
 *   267+L 1+64  tag, account signature over everything before the signature but its tag
 *
 *   certificate, from 3: 0x24 · service 4 · root index 1 · format 1 · issuer 4 · expiry MMYY 2 (BCD) · serial 3 ·
 *   sign alg 04 · encrypt alg 04 · parameters 00 · key length 33 · compressed key 33 · root signature 64 over format … key
 *
 * SM2 user ids: 0x80 the default for all three; 0x81 service ‖ root index, issuer ‖ platform, card account.
 */
import { concatBytes, toHex, utf8 } from '../codec/bytes.ts'
import type { Decoded } from '../codec/cbor.ts'
import type { AccountType } from '../presentation.ts'

const VERSIONS = { interoperable: 0x80, local: 0x81 } as const
export type RideCodeVersion = keyof typeof VERSIONS

const CUSTOM_MAX_BYTES = 32
/** Bytes of a code without a custom field. */
const BARE_BYTES = 332
const HEAD_BYTES = 3
const MAX_VALIDITY_SECONDS = 1200
const DEFAULT_USER_ID = utf8('1234567812345678')
/** Where each byte of offset 154 leads; what the table does not name is `other`. */
const TYPE_BYTES: Readonly<Record<number, AccountType>> = {
  0: 'ordinary',
  1: 'ordinary',
  2: 'student',
  3: 'senior',
  4: 'test',
  5: 'soldier',
}
/** A type that the scheme has not given out. */
const OTHER_TYPE_BYTE = 0x0f
const CERTIFICATE = { from: 3, end: 120, header: 0x24 } as const

/** One signature of the chain: what is signed, under which user id, and r ‖ s. */
export interface SignedPart {
  readonly userId: Uint8Array
  readonly message: Uint8Array
  readonly signature: Uint8Array
}

export interface RideCode {
  readonly version: RideCodeVersion
  readonly certificate: {
    readonly bytes: Uint8Array
    readonly rootIndex: number
    /** Hex of four bytes. */
    readonly issuer: string
    /** 1–12, and the full year: the certificate lasts to the end of that month. */
    readonly expires: { readonly month: number; readonly year: number }
    /** Compressed point, 33 bytes. */
    readonly publicKey: Uint8Array
  }
  readonly cardAccount: Uint8Array
  /** Hex of four bytes. */
  readonly issuer: string
  readonly accountType: AccountType
  readonly singleRideLimitFen: number
  readonly accountKey: Uint8Array
  readonly authorisedUntil: number
  readonly validitySeconds: number
  readonly generatedAt: number
  readonly signatures: { readonly root: SignedPart; readonly issuer: SignedPart; readonly account: SignedPart }
}

const VERSION_OF_BYTE: ReadonlyMap<number, RideCodeVersion> = new Map(
  (Object.keys(VERSIONS) as RideCodeVersion[]).map(name => [VERSIONS[name], name]),
)

/** Which version these bytes begin as; null when they are no ride code. */
export function rideCodeVersion(bytes: Uint8Array): RideCodeVersion | null {
  return VERSION_OF_BYTE.get(bytes[0] ?? 0) ?? null
}

/** Bytes in all of the code that begins so; null where the head is cut or says what no ride code does. */
export function rideCodeLength(head: Uint8Array): number | null {
  if (rideCodeVersion(head) === null || head.length < HEAD_BYTES) return null
  const length = HEAD_BYTES + (head[1] ?? 0) * 256 + (head[2] ?? 0)
  return length >= BARE_BYTES && length <= BARE_BYTES + CUSTOM_MAX_BYTES ? length : null
}

function bcd(byte: number): number | null {
  return byte >> 4 <= 9 && (byte & 15) <= 9 ? (byte >> 4) * 10 + (byte & 15) : null
}

function readCertificate(code: Uint8Array): RideCode['certificate'] | null {
  const bytes = code.subarray(CERTIFICATE.from, CERTIFICATE.end)
  const month = bcd(bytes[11] ?? 0xff)
  const year = bcd(bytes[12] ?? 0xff)
  const [signAlgorithm, encryptAlgorithm, parameters, keyLength] = bytes.subarray(16, 20)
  if (bytes[0] !== CERTIFICATE.header || month === null || year === null || month < 1 || month > 12) return null
  if (signAlgorithm !== 4 || encryptAlgorithm !== 4 || parameters !== 0 || keyLength !== 33) return null
  return {
    bytes,
    rootIndex: bytes[5] ?? 0,
    issuer: toHex(bytes.subarray(7, 11)),
    expires: { month, year: 2000 + year },
    publicKey: bytes.subarray(20, 53),
  }
}

export function decodeRideCode(bytes: Uint8Array): Decoded<RideCode> {
  const version = rideCodeVersion(bytes)
  if (version === null || rideCodeLength(bytes) !== bytes.length)
    return { ok: false, detail: `${bytes.length} bytes, which is not what the head says` }
  const customBytes = bytes[197] ?? 0
  if (bytes.length !== BARE_BYTES + customBytes) return { ok: false, detail: `custom field of ${customBytes} bytes` }
  const certificate = readCertificate(bytes)
  if (certificate === null) return { ok: false, detail: 'certificate: header, expiry or algorithms' }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const validitySeconds = view.getUint16(195)
  if (validitySeconds > MAX_VALIDITY_SECONDS) return { ok: false, detail: `valid for ${validitySeconds} s` }
  const customEnd = 198 + customBytes
  const accountTag = customEnd + 69
  const local = version === 'local'
  const cardAccount = bytes.subarray(136, 146)
  return {
    ok: true,
    value: {
      version,
      certificate,
      cardAccount,
      issuer: toHex(bytes.subarray(146, 150)),
      accountType: TYPE_BYTES[bytes[154] ?? 0] ?? 'other',
      singleRideLimitFen: view.getUint32(154) & 0xff_ffff,
      accountKey: bytes.subarray(158, 191),
      authorisedUntil: view.getUint32(191),
      validitySeconds,
      generatedAt: view.getUint32(customEnd + 65),
      signatures: {
        root: {
          userId: local ? certificate.bytes.subarray(1, 6) : DEFAULT_USER_ID,
          message: certificate.bytes.subarray(6, 53),
          signature: certificate.bytes.subarray(53, 117),
        },
        issuer: {
          userId: local ? bytes.subarray(146, 154) : DEFAULT_USER_ID,
          message: bytes.subarray(CERTIFICATE.from, customEnd),
          signature: bytes.subarray(customEnd + 1, customEnd + 65),
        },
        account: {
          userId: local ? cardAccount : DEFAULT_USER_ID,
          message: bytes.subarray(0, accountTag),
          signature: bytes.subarray(accountTag + 1),
        },
      },
    },
  }
}

// ——— the issuing side: what a ride platform and a phone make. Keys stay with whoever calls ———

/** Signs `message` under a user id; r ‖ s. */
export type RideSigner = (userId: Uint8Array, message: Uint8Array) => Uint8Array

export interface RideCertificateContent {
  readonly version: RideCodeVersion
  /** Four bytes; 01010000 in the field. */
  readonly service: Uint8Array
  readonly rootIndex: number
  readonly issuer: Uint8Array
  readonly expires: { readonly month: number; readonly year: number }
  readonly serial: number
  readonly publicKey: Uint8Array
}

export interface RideAuthorisation {
  readonly version: RideCodeVersion
  readonly certificate: Uint8Array
  readonly paymentAccount: Uint8Array
  readonly cardAccount: Uint8Array
  readonly issuer: Uint8Array
  readonly platform: Uint8Array
  readonly accountType: AccountType
  readonly singleRideLimitFen: number
  readonly accountKey: Uint8Array
  readonly authorisedUntil: number
  readonly validitySeconds: number
  readonly custom: Uint8Array
}

const TAG = Uint8Array.of(0x15)

function uint(value: number, lengthBytes: number): Uint8Array {
  return Uint8Array.from(
    { length: lengthBytes },
    (_, place) => Math.floor(value / 256 ** (lengthBytes - 1 - place)) & 0xff,
  )
}

function toBcd(value: number): Uint8Array {
  return Uint8Array.of((Math.floor(value / 10) % 10) * 16 + (value % 10))
}

/** An issuer certificate, 117 bytes, signed by the root. */
export function encodeRideCertificate(content: RideCertificateContent, root: RideSigner): Uint8Array {
  const { version, service, rootIndex, issuer, expires, serial, publicKey } = content
  const identity = concatBytes(service, uint(rootIndex, 1))
  const signed = concatBytes(
    Uint8Array.of(0x12),
    issuer,
    toBcd(expires.month),
    toBcd(expires.year % 100),
    uint(serial, 3),
    Uint8Array.of(4, 4, 0, 33),
    publicKey,
  )
  const signature = root(version === 'local' ? identity : DEFAULT_USER_ID, signed)
  return concatBytes(Uint8Array.of(CERTIFICATE.header), identity, signed, signature)
}

/** What the platform hands to a phone: everything up to its own signature, tag included. */
export function encodeRideAuthorisation(content: RideAuthorisation, issuer: RideSigner): Uint8Array {
  const signed = concatBytes(
    content.certificate,
    content.paymentAccount,
    content.cardAccount,
    content.issuer,
    content.platform,
    uint(typeByte(content.accountType), 1),
    uint(content.singleRideLimitFen, 3),
    content.accountKey,
    uint(content.authorisedUntil, 4),
    uint(content.validitySeconds, 2),
    uint(content.custom.length, 1),
    content.custom,
  )
  const userId = content.version === 'local' ? concatBytes(content.issuer, content.platform) : DEFAULT_USER_ID
  return concatBytes(signed, TAG, issuer(userId, signed))
}

function typeByte(type: AccountType): number {
  const byte = Object.entries(TYPE_BYTES).find(([, name]) => name === type)?.[0]
  return byte === undefined ? OTHER_TYPE_BYTE : Number(byte)
}

/** The code a phone shows at `generatedAt`. */
export function encodeRideCode(
  version: RideCodeVersion,
  authorisation: Uint8Array,
  generatedAt: number,
  account: RideSigner,
): Uint8Array {
  const followingBytes = authorisation.length + 4 + 65
  const signed = concatBytes(
    Uint8Array.of(VERSIONS[version]),
    uint(followingBytes, 2),
    authorisation,
    uint(generatedAt, 4),
  )
  const cardAccount = signed.subarray(136, 146)
  return concatBytes(signed, TAG, account(version === 'local' ? cardAccount : DEFAULT_USER_ID, signed))
}
