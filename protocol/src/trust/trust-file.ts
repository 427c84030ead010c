import * as v from 'valibot'
import { ALGORITHMS, type AlgorithmName } from '../crypto.ts'
import { parseWith } from '../schema.ts'

/*
 * The trust file: whom a device believes, as JSON for hands. Source: formats.md §2. Absent optional fields mean no
 * restriction here. Unknown keys are refused: a misspelt restriction must not widen trust.
 */

export const KINDS = ['person', 'companion', 'enterprise', 'ticket', 'place'] as const
export type Kind = (typeof KINDS)[number]

const hex = v.pipe(v.string(), v.regex(/^([0-9a-fA-F]{2})+$/, 'expected hex'))
const seconds = v.pipe(v.number(), v.integer(), v.minValue(0))
const publicKey32 = v.pipe(hex, v.length(64, 'expected 32 bytes as hex'))

const issuer = v.strictObject({
  id: v.string(),
  alg: v.picklist(Object.keys(ALGORITHMS) as AlgorithmName[]),
  publicKey: hex,
  kid: v.optional(hex),
  notBefore: seconds,
  notAfter: seconds,
  families: v.array(v.string()),
  kinds: v.array(v.picklist(KINDS)),
  colour: v.optional(v.boolean()),
  facts: v.optional(v.boolean()),
  paper: v.optional(v.boolean()),
  statusLists: v.optional(v.array(seconds)),
  maxValiditySeconds: v.optional(seconds),
})

const statusList = v.strictObject({
  id: seconds,
  issuer: v.optional(v.string()),
  asOf: seconds,
  bits: v.literal(2),
  lst: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]*$/, 'expected base64url')),
})

const TRUST_FILE = v.strictObject({
  version: v.literal(1),
  issuers: v.array(issuer),
  roots: v.optional(
    v.array(v.strictObject({ index: seconds, alg: v.literal('SM2'), publicKey: v.pipe(hex, v.length(130)) })),
    [],
  ),
  rideIssuers: v.optional(v.array(v.strictObject({ certificate: hex, issuers: v.array(hex) }))),
  statusLists: v.optional(v.array(statusList), []),
  denied: v.optional(v.array(v.union([hex, v.strictObject({ family: v.string(), issuer: v.string(), id: hex })])), []),
  keys: v.optional(
    v.array(
      v.strictObject({
        use: v.picklist(['receipt', 'command', 'desired', 'log', 'colour', 'grant']),
        kid: v.pipe(hex, v.length(16, 'expected 8 bytes as hex')),
        publicKey: publicKey32,
      }),
    ),
    [],
  ),
  countyKeys: v.optional(v.array(v.strictObject({ id: v.string(), publicKey: publicKey32 })), []),
  clearingKeys: v.optional(v.array(v.strictObject({ id: v.string(), publicKey: publicKey32 })), []),
})

export type TrustFile = v.InferOutput<typeof TRUST_FILE>
export type TrustFileIssuer = TrustFile['issuers'][number]

/** Throws `trust-file-invalid`, naming each wrong place. */
export function parseTrustFile(json: unknown, source = 'trust file'): TrustFile {
  return parseWith(TRUST_FILE, json, { code: 'trust-file-invalid', source })
}
