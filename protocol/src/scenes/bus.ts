import * as v from 'valibot'
import { fromHex } from '../codec/bytes.ts'
import { encodeCbor } from '../codec/cbor-encode.ts'
import { sha256 } from '../crypto.ts'
import { ACCOUNT_TYPES, type Presentation } from '../presentation.ts'
import type { Reason } from '../reason.ts'
import type { Notice, Scene, SceneContext, SceneDecision } from '../scene.ts'
import { isCalendarDay, keyOfDay, operatingDay } from './bus-day.ts'
import {
  type Concession,
  concessionFor,
  concessionSchema,
  fareSchema,
  fen,
  fullFare,
  reducedFare,
  yuanText,
} from './bus-fare.ts'
import { type BusPosition, encodeRide, rideTag } from './bus-ride.ts'

const seconds = v.pipe(v.number(), v.integer(), v.minValue(0))
const dayKey = v.strictObject({
  day: v.pipe(v.number(), v.integer(), v.check(isCalendarDay, 'expected a day as yyyymmdd')),
  key: v.pipe(v.string(), v.regex(/^[0-9a-fA-F]{64}$/, 'expected 32 bytes as hex'), v.transform(fromHex)),
})

/** As the vehicle's sentences have it. */
const lineName = v.pipe(v.string(), v.regex(/^[A-Za-z0-9-]{1,16}$/, 'expected a line of letters, digits and -'))

const ENTRIES = {
  /** Whom the fares belong to. */
  operator: v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,40}$/, 'expected a-z, 0-9 and -')),
  fare: fareSchema,
  /** Lines with a fare of their own. */
  lineFares: v.optional(v.record(lineName, fareSchema), {}),
  concessions: v.optional(v.array(concessionSchema), []),
  /** Account types that may ride; test accounts only where somebody says so. */
  accountTypes: v.optional(v.array(v.picklist(ACCOUNT_TYPES)), ['ordinary', 'student', 'senior', 'soldier', 'other']),
  /** A second showing of one account within this time is a repetition, not a ride. */
  intervalSeconds: seconds,
  /** How long after the driver's key was pressed one further ride is charged to the same account. */
  keySeconds: v.optional(seconds, 45),
  transfer: v.optional(v.nullable(v.strictObject({ withinSeconds: seconds, offFen: fen })), null),
  dayKeys: v.pipe(
    v.tupleWithRest([dayKey], dayKey),
    v.check(keys => new Set(keys.map(({ day }) => day)).size === keys.length, 'expected one key a day'),
  ),
  /** The operating day begins at this hour, China time. */
  dayStartsHour: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(12)), 3),
} as const
type BusPolicy = v.InferOutput<v.ObjectSchema<typeof ENTRIES, undefined>>

/** What the bus knows of itself. */
export interface BusSituation {
  readonly position: BusPosition | null
  /** Unix milliseconds of the newest press of the driver's key; null where there was none. */
  readonly keyPressedAtMs: number | null
}

const NO_SITUATION: BusSituation = { position: null, keyPressedAtMs: null }
/** A used press of the key is remembered for longer than any press is valid. */
const KEY_MARK_SECONDS = 86_400

function markTag(kind: 'ride' | 'driver-key', value: Uint8Array | number): Uint8Array {
  return sha256(encodeCbor([kind, value])).subarray(0, 8)
}

/**
 * Whether this account paid here within the interval; asked under the tag of each day that the interval touches. A clock set back by up
 * to an interval charges nobody twice; a mark from further ahead was made by a clock that was wrong, and locks nobody out.
 */
function isRepeated(tags: readonly Uint8Array[], interval: number, { now, markedUntil }: SceneContext): boolean {
  return tags.some(tag => {
    const until = markedUntil(markTag('ride', tag))
    return until !== null && until > now && until <= now + 2 * interval
  })
}

/** The press that allows one further ride now; null where there is none, or it is used up. */
function pressOf({ keyPressedAtMs }: BusSituation, keySeconds: number, context: SceneContext): Uint8Array | null {
  if (keyPressedAtMs === null) return null
  const ageSeconds = context.now - Math.floor(keyPressedAtMs / 1000)
  if (ageSeconds < 0 || ageSeconds > keySeconds) return null
  const tag = markTag('driver-key', keyPressedAtMs)
  return context.markedUntil(tag) === null ? tag : null
}

function noticeOf(fen: number, concession: Concession | null): Notice {
  const hints = { hintZh: '', hintEn: '' }
  const voice = `ride-${concession?.name ?? 'ordinary'}`
  const [zh, en] = fen === 0 ? ['免费', 'free'] : [`${yuanText(fen)} 元`, `${yuanText(fen)} yuan`]
  return concession === null
    ? { ...hints, zh: `票价 ${zh}`, en: `Fare ${en}`, voice }
    : { ...hints, zh: `${concession.zh} ${zh}`, en: `Fare for ${concession.en}: ${en}`, voice }
}

/** May this account pay for a ride at all, and does its limit reach so far. */
function accountReason({ account }: Presentation, { accountTypes }: BusPolicy, chargedFen: number): string | null {
  if (account === null) return null
  if (!accountTypes.includes(account.type)) return 'account-not-accepted'
  return chargedFen > account.singleRideLimitFen ? 'fare-limit' : null
}

function fareOf({ fare, lineFares }: BusPolicy, position: BusPosition | null): BusPolicy['fare'] {
  // Own keys alone: a vehicle may call its line `constructor`.
  return position !== null && Object.hasOwn(lineFares, position.line) ? (lineFares[position.line] ?? fare) : fare
}

/** The account's tag on the operating day at `at`. */
function tagAt(at: number, presentation: Presentation, { dayKeys, dayStartsHour }: BusPolicy): Uint8Array {
  return rideTag(keyOfDay(dayKeys, operatingDay(at, dayStartsHour)), presentation)
}

/** The tags under which a ride within the interval would be remembered, today's first. */
function recentTags(presentation: Presentation, policy: BusPolicy, now: number): readonly [Uint8Array, Uint8Array] {
  return [tagAt(now, presentation, policy), tagAt(now - policy.intervalSeconds, presentation, policy)]
}

function policyOf({ policy }: SceneContext): BusPolicy {
  return policy.sceneOptions as unknown as BusPolicy // parsed with ENTRIES
}

/** The same code again is the same passenger again, if it paid: then nothing has to be refreshed. */
function saidAs(reason: string, presentation: Presentation, context: SceneContext): string {
  const policy = policyOf(context)
  const paid =
    reason === 'replayed' && isRepeated(recentTags(presentation, policy, context.now), policy.intervalSeconds, context)
  return paid ? 'ride-repeated' : reason
}

function decide(presentation: Presentation, context: SceneContext): SceneDecision {
  const policy = policyOf(context)
  const situation = (context.situation as BusSituation | null) ?? NO_SITUATION
  const refused = (reason: string): SceneDecision => ({ reason, effects: [] })
  const { now } = context
  const { position } = situation

  const fullFareFen = fullFare(fareOf(policy, position), position)
  if (fullFareFen === null) return refused('position-unknown')
  const concession = concessionFor(presentation, policy.concessions, policy.operator, now)
  const chargedFen = reducedFare(fullFareFen, concession)
  const reason = accountReason(presentation, policy, chargedFen)
  if (reason !== null) return refused(reason)

  const day = operatingDay(now, policy.dayStartsHour)
  const tags = recentTags(presentation, policy, now)
  const [tag] = tags
  const repeated = isRepeated(tags, policy.intervalSeconds, context)
  const press = repeated ? pressOf(situation, policy.keySeconds, context) : null
  if (repeated && press === null) return refused('ride-repeated')

  const { transfer, operator } = policy
  const sceneMap = encodeRide({
    tag,
    chargedFen,
    fullFareFen,
    operator,
    position,
    fareClass: concession?.name ?? 'ordinary',
    transfer: transfer === null ? null : { ...transfer, offFen: Math.min(transfer.offFen, chargedFen) },
    day,
    byDriverKey: press !== null,
  })
  const marks = [
    { tag: markTag('ride', tag), until: now + policy.intervalSeconds },
    ...(press === null ? [] : [{ tag: press, until: now + KEY_MARK_SECONDS }]),
  ]
  return { reason: 'ok', effects: [], sceneMap, marks, notice: noticeOf(chargedFen, concession) }
}

const deny = { row: 22, outcome: 'deny', symbol: 'cross', colour: 'red' } as const

const REASONS: readonly Reason[] = [
  {
    id: 'ride-repeated',
    ...deny,
    symbol: 'repeat',
    colour: 'yellow',
    zh: '请勿重复刷码',
    en: 'Paid already: no need to show it again',
    hintZh: '为同行人付款请司机按键再刷新',
    hintEn: 'For a companion ask the driver then refresh',
    voice: 'ride-repeated',
  },
  {
    id: 'fare-limit',
    ...deny,
    zh: '超出单次乘车限额',
    en: 'More than this account may spend on one ride',
    hintZh: '请用其他方式付款',
    hintEn: 'Pay another way',
    voice: 'pay-otherwise',
  },
  {
    id: 'account-not-accepted',
    ...deny,
    zh: '此类账户不能乘车',
    en: 'This kind of account cannot ride',
    hintZh: '请用其他方式付款',
    hintEn: 'Pay another way',
    voice: 'pay-otherwise',
  },
  {
    id: 'position-unknown',
    ...deny,
    symbol: 'tool',
    colour: 'grey',
    zh: '车辆位置未知，无法计价',
    en: 'The fare cannot be told: the bus does not know its place',
    hintZh: '请告知司机',
    hintEn: 'Please tell the driver',
    voice: 'call-driver',
  },
]

/** The bus: one charge and one voice a ride, for days without a line to the centre. */
export const bus: Scene = {
  name: 'bus',
  policyEntries: ENTRIES,
  reasons: REASONS,
  invitation: { zh: '请出示安康码或乘车码', en: 'Show your Ankang code or ride code' },
  saidAs,
  policyIsSecret: true,
  keepsEvidence: true,
  decide,
}
