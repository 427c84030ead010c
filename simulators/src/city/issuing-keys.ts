import { exportEd25519, type Kind, keyId, type PrivateKey, type TrustFileIssuer, toHex } from '@ankang/protocol'
import { PLACES } from './resident-shares.ts'

const NEVER = 4_102_444_800
const DAY_SECONDS = 86_400

/** How long codes live, in seconds. */
export const VALIDITY_SECONDS = { phone: DAY_SECONDS, online: 600, paper: 180 * DAY_SECONDS } as const

/** The number of each issuer's status list. */
export const STATUS_LIST_ID = 1

type Delegation = Omit<TrustFileIssuer, 'publicKey' | 'id' | 'alg' | 'families' | 'kinds' | 'statusLists'> & {
  readonly kinds: readonly Kind[]
  readonly statusLists: readonly number[]
}

interface KeyPlan {
  readonly issuer: string
  /** What the county's trust file lets the key do; null: it is not in there. */
  readonly delegation: Delegation | null
}

const everyday = {
  notBefore: 0,
  notAfter: NEVER,
  colour: true,
  facts: true,
  statusLists: [STATUS_LIST_ID],
  maxValiditySeconds: VALIDITY_SECONDS.phone,
} as const

/** Every key that signs codes here. Each may do what it is for and nothing else. */
export const KEY_PLANS = {
  county: {
    issuer: PLACES.county,
    delegation: { ...everyday, kinds: ['person', 'companion', 'enterprise'], paper: false },
  },
  paper: {
    issuer: PLACES.county,
    delegation: { ...everyday, kinds: ['person'], paper: true, maxValiditySeconds: VALIDITY_SECONDS.paper },
  },
  ticket: {
    issuer: PLACES.county,
    delegation: { ...everyday, kinds: ['ticket', 'place'], paper: false },
  },
  /** In use until the end of 2021. */
  retired: {
    issuer: PLACES.county,
    delegation: { ...everyday, notAfter: 1_640_966_399, kinds: ['person', 'companion'], paper: false },
  },
  neighbour: {
    issuer: PLACES.neighbour,
    delegation: { ...everyday, kinds: ['person'], paper: false },
  },
  elsewhere: { issuer: PLACES.elsewhere, delegation: null },
} as const satisfies Record<string, KeyPlan>

export type KeyName = keyof typeof KEY_PLANS
export const KEY_NAMES = Object.keys(KEY_PLANS) as readonly KeyName[]

/** A private key and the name it signs under. */
export interface SigningKey {
  readonly issuer: string
  readonly key: PrivateKey
  readonly kid: Uint8Array
  readonly publicKey: Uint8Array
}
export type IssuingKeys = Readonly<Record<KeyName, SigningKey>>

export function makeSigningKey(issuer: string, key: PrivateKey): SigningKey {
  const publicKey = exportEd25519(key)
  return { issuer, key, kid: keyId(publicKey), publicKey }
}

/** The `issuers` of the trust file: public halves and what each may sign. */
export function delegatedIssuers(keys: IssuingKeys): TrustFileIssuer[] {
  return KEY_NAMES.flatMap(name => {
    const { issuer, delegation } = KEY_PLANS[name]
    if (delegation === null) return []
    const { kinds, statusLists, ...rest } = delegation
    return [
      {
        id: issuer,
        alg: 'EdDSA' as const,
        publicKey: toHex(keys[name].publicKey),
        families: ['ak1'],
        kinds: [...kinds],
        statusLists: [...statusLists],
        ...rest,
      },
    ]
  })
}
