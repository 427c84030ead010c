/*
 * One random day of a few buses, at the level of decisions and records: passengers of all kinds, double showings, the
 * driver's key, reboots. Codes and signatures are left out; what a bus decides and writes is the real thing.
 */
import { Recorder } from '@ankang/device/parts'
import { MemoryJournal, TestClock } from '@ankang/device/testing'
import {
  ACCOUNT_TYPES,
  type BusSituation,
  catalogue,
  compileTrust,
  decide,
  exportEd25519,
  HEALTHY,
  type Policy,
  type Presentation,
  type PrivateKey,
  parsePolicy,
  parseTrustFile,
  privateKeyFromSeed,
  sha256,
  utf8,
} from '@ankang/protocol'
import nacl from 'tweetnacl'
import type { SeededRandom } from '../fuzz/seeded-random.ts'

const BUS = catalogue.scenes.find(({ name }) => name === 'bus')
/** Three in the morning in China, when an operating day begins. */
const DAY_STARTS_HOUR = 3
const DAY_SECONDS = 86_400
const sealingKey = (name: string) => {
  const { publicKey } = nacl.box.keyPair.fromSecretKey(sha256(utf8(name)))
  return [{ id: name, publicKey: Buffer.from(publicKey).toString('hex') }]
}
const TRUST = compileTrust(
  parseTrustFile({ version: 1, issuers: [], countyKeys: sealingKey('county'), clearingKeys: sealingKey('clearing') }),
)

/** A bus with its memory and its chain. */
export interface RandomBus {
  readonly device: string
  readonly key: PrivateKey
  readonly journal: MemoryJournal
}

export interface RandomDay {
  readonly buses: readonly RandomBus[]
  /** What display and voice told the passengers that they pay, all together. */
  readonly toldFen: number
  readonly rides: number
  readonly refused: number
  readonly reboots: number
}

function policyOf(operator: string, random: SeededRandom): Policy {
  return parsePolicy(
    {
      scene: 'bus',
      families: ['ak1', 'jtt1179'],
      kinds: ['person', 'companion'],
      colours: ['green'],
      paper: true,
      proofWindowSeconds: 60,
      futureSkewSeconds: 20,
      replaySeconds: 300,
      operator,
      fare: { kind: 'flat', fen: 100 + random.below(300) },
      lineFares: { '9': { kind: 'zones', zoneOfStop: [1, 1, 2, 3, 3, 4], fenByZones: [151, 202, 303, 404] } },
      concessions: [
        { name: 'student', zh: '学生', en: 'student', percent: 50, accountTypes: ['student'] },
        { name: 'senior', zh: '老年人', en: 'senior', percent: random.below(40), accountTypes: ['senior'] },
        { name: 'soldier', zh: '军人', en: 'soldier', percent: 0, accountTypes: ['soldier'] },
        { name: 'companion', zh: '随行', en: 'companion', percent: 33, kinds: ['companion'] },
        { name: 'plan', zh: '月票', en: 'ride plan', percent: 0, rights: ['ride-plan'] },
      ],
      intervalSeconds: 60 + random.below(120),
      transfer: random.below(5) === 0 ? null : { withinSeconds: 600 + random.below(5400), offFen: random.below(250) },
      dayKeys: [{ day: 20_200_101, key: '5c'.repeat(32) }],
      dayStartsHour: DAY_STARTS_HOUR,
    },
    catalogue,
  )
}

function passengerOf(number: number, random: SeededRandom): Presentation {
  const common = {
    issuerKid: null,
    credentialId: sha256(utf8(`passenger ${number}`)).subarray(0, 10),
    shownAt: null,
    expiresAt: 4_102_444_800,
    site: null,
    challenge: null,
    subject: null,
    maskedName: null,
    health: null,
  }
  if (random.below(3) > 0) {
    const account = { type: random.pick(ACCOUNT_TYPES), singleRideLimitFen: random.pick([100, 300, 1000, 5000]) }
    return {
      ...common,
      family: 'jtt1179',
      issuer: '02002900',
      kind: 'person',
      carrier: 'phone',
      entitlements: [],
      account,
    }
  }
  const plan = { scope: utf8(random.pick(['east-bus', 'west-bus'])), right: 'ride-plan', from: 0, until: 4_102_444_800 }
  return {
    ...common,
    family: 'ak1',
    issuer: '341523',
    kind: random.pick(['person', 'companion'] as const),
    carrier: 'phone',
    entitlements: random.below(4) === 0 ? [plan] : [],
    account: null,
  }
}

class Bus implements RandomBus {
  readonly device: string
  readonly key: PrivateKey
  readonly journal: MemoryJournal
  readonly clock: TestClock
  readonly policy: Policy
  #recorder: Recorder
  #keyPressedAtMs: number | null = null
  readonly #random: SeededRandom

  constructor(device: string, policy: Policy, startMs: number, random: SeededRandom) {
    this.device = device
    this.policy = policy
    this.clock = new TestClock(startMs)
    this.#random = random
    this.key = privateKeyFromSeed(sha256(utf8(device)))
    const publicKey = exportEd25519(this.key)
    this.journal = new MemoryJournal({ device, publicKey, epoch: random.bytes(8), clock: this.clock })
    this.#recorder = this.#start()
  }

  #start(): Recorder {
    const random = (lengthBytes: number) => this.#random.bytes(lengthBytes)
    return new Recorder({
      journal: this.journal,
      clock: this.clock,
      trust: TRUST,
      scene: BUS ?? { name: 'bus' },
      random,
    })
  }

  /** RAM is lost, the journal is not. */
  reboot(): void {
    this.#recorder = this.#start()
    this.#keyPressedAtMs = null
  }

  pressKey(atMs: number): void {
    this.#keyPressedAtMs = atMs
  }

  #situation(): BusSituation {
    const position =
      this.#random.below(12) === 0
        ? null
        : {
            line: this.#random.pick(['8', '9', '10']),
            run: 'r',
            direction: this.#random.pick(['up', 'down'] as const),
            stop: 1 + this.#random.below(7),
          }
    return { position, keyPressedAtMs: this.#keyPressedAtMs }
  }

  /** What the passenger is told to pay; null where it is no ride. */
  async show(passenger: Presentation, atMs: number): Promise<number | null> {
    this.clock.step(atMs - this.clock.nowMs())
    const presentation = { ...passenger, shownAt: Math.floor(atMs / 1000) }
    const decision = decide(presentation, {
      trust: TRUST,
      policy: this.policy,
      reasons: catalogue.reasons,
      scene: BUS ?? null,
      state: HEALTHY,
      now: presentation.shownAt,
      situation: this.#situation(),
      markedUntil: tag => this.journal.markedUntil(tag),
    })
    const stages = { read: 1, recognise: 1, verify: 1, decide: 1 }
    const code = new Uint8Array(40)
    await this.#recorder.showing({ decision, presentation, family: presentation.family, code, stages })
    if (decision.outcome !== 'admit') return null
    // By ear, not from the record: the words are the only other place where the amount stands.
    const yuan = /(\d+)\.(\d\d) 元/.exec(decision.notice?.zh ?? '')
    return yuan === null ? 0 : Number(yuan[1]) * 100 + Number(yuan[2])
  }
}

interface Boarding {
  readonly bus: Bus
  readonly passenger: Presentation
}

/** The day that begins `dayNumber` days after the first of January 2026. */
export async function randomDay(dayNumber: number, random: SeededRandom): Promise<RandomDay> {
  const startMs = Date.UTC(2026, 0, 1 + dayNumber, DAY_STARTS_HOUR - 8)
  const policies = ['east-bus', 'west-bus'].map(operator => policyOf(operator, random))
  const buses = Array.from(
    { length: 2 + random.below(3) },
    (_, number) => new Bus(`bus-${dayNumber}-${number}`, random.pick(policies), startMs, random),
  )
  const passengers = Array.from({ length: 3 + random.below(6) }, (_, number) => passengerOf(number, random))
  // Most days within two hours, so that transfers, intervals and ties are common; some on into the next operating day.
  const spanMs = random.below(4) === 0 ? DAY_SECONDS * 1200 : 7_200_000
  const moments = Array.from({ length: 8 + random.below(25) }, () => random.below(spanMs)).sort((a, b) => a - b)
  let toldFen = 0
  let rides = 0
  let refused = 0
  let reboots = 0
  let again: Boarding | null = null
  for (const moment of moments) {
    // Whole seconds now and then: two buses then write rides of the same millisecond.
    const atMs = startMs + (random.below(3) === 0 ? Math.floor(moment / 60_000) * 60_000 : moment)
    const boarding: Boarding = again ?? { bus: random.pick(buses), passenger: random.pick(passengers) }
    const { bus, passenger } = boarding
    if (random.below(15) === 0) {
      bus.reboot()
      reboots++
    }
    if (random.below(8) === 0) bus.pressKey(atMs)
    const told = await bus.show(passenger, atMs)
    if (told === null) refused++
    else rides++
    toldFen += told ?? 0
    again = random.below(4) === 0 ? { bus, passenger } : null
  }
  return { buses, toldFen, rides, refused, reboots }
}
