import { BUS_LINES } from './bus-lines.ts'
import { BUS_DAY_STARTS_HOUR, type KeptDayKey } from './day-keys.ts'

/** Whom the fares belong to, and for whom the city signs ride plans. */
export const BUS_OPERATOR = 'county-bus'
/** The right of a ride plan, as codes carry it. */
export const RIDE_PLAN_RIGHT = 'ride-plan'

/** What the virtual buses take and charge, but for the keys of their days. */
export const BUS_POLICY = {
  scene: 'bus',
  families: ['ak1', 'jtt1179'],
  kinds: ['person', 'companion'],
  colours: ['green'],
  paper: true,
  proofWindowSeconds: 60,
  futureSkewSeconds: 20,
  /** A bus may be away from any line for a week. */
  maxStatusAgeSeconds: 604_800,
  maxStampAgeSeconds: 86_400,
  rideWindowSeconds: 300,
  /** The interval below says it for paper too: so the driver's key lets a holder of paper pay for a companion. */
  replaySeconds: 0,
  facts: null,
  operator: BUS_OPERATOR,
  fare: BUS_LINES['8'].fare,
  lineFares: { '9': BUS_LINES['9'].fare },
  concessions: [
    { name: 'student', zh: '学生', en: 'student', percent: 50, accountTypes: ['student'] },
    { name: 'senior', zh: '老年人', en: 'senior', percent: 0, accountTypes: ['senior'] },
    { name: 'soldier', zh: '军人', en: 'soldier', percent: 0, accountTypes: ['soldier'] },
    { name: 'companion', zh: '随行', en: 'companion', percent: 50, kinds: ['companion'] },
    { name: 'plan', zh: '月票', en: 'ride plan', percent: 0, rights: [RIDE_PLAN_RIGHT] },
  ],
  intervalSeconds: 120,
  keySeconds: 45,
  transfer: { withinSeconds: 3600, offFen: 100 },
  dayStartsHour: BUS_DAY_STARTS_HOUR,
  outcomes: { 'colour-yellow': 'refer' },
} as const

/** The whole policy. It holds the day keys, and is nobody's to read but its owner's. */
export function busPolicy(dayKeys: readonly KeptDayKey[]): object {
  return { ...BUS_POLICY, dayKeys }
}
