import {
  type Ak1Claims,
  colourToNumber,
  concatBytes,
  encodeCredential,
  encodeStatusList,
  exportEd25519,
  hmacSha256,
  type PrivateKey,
  privateKeyFromSeed,
  type StatusValue,
  type TrustFile,
  toHex,
  u64be,
  utf8,
} from '@ankang/protocol'
import {
  delegatedIssuers,
  type IssuingKeys,
  type SigningKey,
  STATUS_LIST_ID,
  VALIDITY_SECONDS,
} from './issuing-keys.ts'
import { type Resident, residentAt } from './resident.ts'
import { PLACES, type ResidentGroup, type Standing } from './resident-shares.ts'
import { SeededDraw } from './seeded-draw.ts'

/** Entries of the status list each resident has: codes on a phone take turns, paper has one for each of two prints. */
const SLOTS = { rotating: 6, olderPaper: 6, newerPaper: 7, all: 8 } as const
const STATUS_OF_STANDING: Record<Standing, StatusValue> = { green: 0, revoked: 1, red: 2, yellow: 3 }
/** Credentials reported stolen before anything else happened. */
const WITHDRAWN = 4

export type IssuedCarrier = 'phone' | 'online' | 'paper'

export interface IssueOrder {
  readonly resident: Resident
  readonly carrier: IssuedCarrier
  /** Unix seconds. */
  readonly at: number
  /** Claims that differ from what the platform would write: how wrong codes are made. */
  readonly changes?: Partial<Ak1Claims>
  /** Another signer than the one whose task it is. */
  readonly signedBy?: SigningKey
  /** The print that a newer one has voided; paper only. */
  readonly olderPrint?: boolean
}

export interface IssuedCredential {
  readonly bytes: Uint8Array
  readonly claims: Ak1Claims
}

export interface CityPlatformOptions {
  /** 32 bytes that nobody else has: seeds the residents and their pseudonyms. */
  readonly secret: Uint8Array
  readonly keys: IssuingKeys
  readonly population: number
  /** `random(n)`: n bytes. Keeps two runs of one platform from issuing the same pseudonym. */
  random(lengthBytes: number): Uint8Array
}

/** The city's code platform, as far as a county meets it: who lives here, their codes, and the status lists. */
export class CityPlatform {
  readonly population: number
  readonly keys: IssuingKeys
  readonly #secret: Uint8Array
  readonly #run: Uint8Array
  #issued = 0
  #slots: readonly number[] | null = null

  constructor({ secret, keys, population, random }: CityPlatformOptions) {
    this.#secret = secret
    this.keys = keys
    this.population = population
    this.#run = random(8)
  }

  resident(index: number): Resident {
    return residentAt(this.#secret, index)
  }

  /** The next resident of `group` and `standing` from `from` on, going round; null when there is none. */
  findResident(group: ResidentGroup, standing: Standing, from: number): Resident | null {
    for (let step = 0; step < this.population; step++) {
      const resident = this.resident((from + step) % this.population)
      if (resident.group === group && resident.standing === standing) return resident
    }
    return null
  }

  /** The private key in a resident's phone. */
  phoneKey(resident: Resident): PrivateKey {
    return privateKeyFromSeed(this.#derive(`phone/${resident.index}`))
  }

  /** Issues a credential. Subject, id and status index are new at each issue. */
  issue({ resident, carrier, at, changes, signedBy, olderPrint }: IssueOrder): IssuedCredential {
    const issue = this.#issued++
    const unique = concatBytes(this.#run, u64be(issue))
    const signer = signedBy ?? this.#signerOf(resident, carrier)
    const colour = resident.standing === 'revoked' ? 'green' : resident.standing
    const claims: Ak1Claims = {
      issuer: signer.issuer,
      subject: this.#derive(`sub/${resident.index}/`, unique).subarray(0, 16),
      expiresAt: at + VALIDITY_SECONDS[carrier],
      notBefore: null,
      issuedAt: at,
      credentialId: this.#derive(`cti/${resident.index}/`, unique).subarray(0, 16),
      phoneKey: carrier === 'phone' ? exportEd25519(this.phoneKey(resident)) : null,
      kind: resident.kind,
      // What is on paper cannot be refreshed, so its colour comes from the list alone.
      stamp:
        carrier === 'paper' || resident.kind === 'enterprise' ? null : { colour: colourToNumber(colour), asOf: at },
      maskedName: resident.maskedName,
      nat: null,
      doses: null,
      status: { list: STATUS_LIST_ID, index: this.#statusIndex(resident, this.#slotFor(carrier, issue, olderPrint)) },
      entitlements: [],
      paper: carrier === 'paper',
      ...changes,
    }
    return { bytes: encodeCredential(claims, signer.key, signer.kid), claims }
  }

  /** What the list of `issuer` says of every entry, in one consistent read. */
  readStatus(issuer: string): Uint8Array {
    const values = new Uint8Array(this.population * SLOTS.all)
    for (let index = 0; index < this.population; index++) {
      const resident = this.resident(index)
      if (resident.issuer !== issuer) continue
      for (let slot = 0; slot < SLOTS.all; slot++)
        values[this.#statusIndex(resident, slot)] =
          slot === SLOTS.olderPaper ? STATUS_OF_STANDING.revoked : STATUS_OF_STANDING[resident.standing]
    }
    return values
  }

  /** Ids of credentials on the deny list: stolen phones. */
  withdrawnCredentialIds(): Uint8Array[] {
    return Array.from({ length: WITHDRAWN }, (_, number) => this.#derive(`withdrawn/${number}`).subarray(0, 16))
  }

  /** The platform's part of a county's trust file, read at `asOf` (Unix seconds). */
  publish(asOf: number): Pick<TrustFile, 'issuers' | 'statusLists' | 'denied'> {
    return {
      issuers: delegatedIssuers(this.keys),
      statusLists: [PLACES.county, PLACES.neighbour].map(issuer => ({
        id: STATUS_LIST_ID,
        issuer,
        asOf,
        bits: 2,
        lst: Buffer.from(encodeStatusList(this.readStatus(issuer))).toString('base64url'),
      })),
      denied: this.withdrawnCredentialIds().map(toHex),
    }
  }

  #signerOf(resident: Resident, carrier: IssuedCarrier): SigningKey {
    if (resident.issuer === PLACES.neighbour) return this.keys.neighbour
    if (resident.issuer === PLACES.elsewhere) return this.keys.elsewhere
    return carrier === 'paper' ? this.keys.paper : this.keys.county
  }

  #slotFor(carrier: IssuedCarrier, issue: number, olderPrint = false): number {
    if (carrier === 'paper') return olderPrint ? SLOTS.olderPaper : SLOTS.newerPaper
    return ((this.#run[0] ?? 0) + issue) % SLOTS.rotating
  }

  /** Entries are scattered, so that neighbours on the list say nothing about who they are. */
  #statusIndex(resident: Resident, slot: number): number {
    this.#slots ??= new SeededDraw(this.#secret, 'status-slots').shuffled([
      ...Array(this.population * SLOTS.all).keys(),
    ])
    return this.#slots[resident.index * SLOTS.all + slot] ?? 0
  }

  #derive(label: string, more: Uint8Array = new Uint8Array(0)): Uint8Array {
    return hmacSha256(this.#secret, concatBytes(utf8(label), more))
  }
}
