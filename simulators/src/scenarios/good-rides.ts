import { utf8 } from '@ankang/protocol'
import { BUS_OPERATOR, RIDE_PLAN_RIGHT } from '../home/bus-policy.ts'
import { rideCode } from '../ride/ride-code-making.ts'
import { type BusScenario, type BusStage, paid } from './bus-scenario.ts'
import { bearerCode, phoneCode } from './code-making.ts'

const MONTH_SECONDS = 30 * 86_400
const WAITING_SECONDS = 90

/** A phone code with a ride plan that the city signed for `operator`. */
function planCode(stage: BusStage, operator: string, until: number): Uint8Array {
  const plan = { scope: utf8(operator), right: RIDE_PLAN_RIGHT, from: stage.now - MONTH_SECONDS, until }
  return phoneCode(stage, stage.person('ordinary'), { changes: { entitlements: [plan] } })
}

/** Passengers who ride, and what it costs them. */
export const GOOD_RIDES: readonly BusScenario[] = [
  {
    id: 'ride-code',
    zh: '乘车码',
    en: 'ride code of the county’s own, in the local regime',
    everyday: 370,
    acts: stage => {
      const rider = stage.rider('ordinary')
      stage.rode(rider)
      return [paid(stage, rideCode(stage.rides, rider, stage.now), 100)]
    },
  },
  {
    id: 'change',
    zh: '换乘',
    en: 'somebody who comes from another line: pays in full, and is settled as a transfer',
    everyday: 50,
    acts: stage => [paid(stage, rideCode(stage.rides, stage.changing(), stage.now), 100)],
  },
  {
    id: 'neighbour-city',
    zh: '邻市互通乘车码',
    en: 'ride code of a city near by, interoperable',
    everyday: 40,
    acts: stage => [paid(stage, rideCode(stage.rides, stage.rider('ordinary', 'neighbour'), stage.now), 100)],
  },
  {
    id: 'student',
    zh: '学生账户',
    en: 'student account',
    everyday: 70,
    acts: stage => [paid(stage, rideCode(stage.rides, stage.rider('student'), stage.now), 50)],
  },
  {
    id: 'senior',
    zh: '老年账户',
    en: 'senior account',
    everyday: 90,
    acts: stage => [paid(stage, rideCode(stage.rides, stage.rider('senior'), stage.now), 0)],
  },
  {
    id: 'soldier',
    zh: '军人账户',
    en: 'soldier account',
    everyday: 15,
    acts: stage => [paid(stage, rideCode(stage.rides, stage.rider('soldier'), stage.now), 0)],
  },
  {
    id: 'other-account',
    zh: '未列优惠的账户',
    en: 'account of a type without a rate of its own',
    everyday: 10,
    acts: stage => [paid(stage, rideCode(stage.rides, stage.rider('other'), stage.now), 100)],
  },
  {
    id: 'waited-in-line',
    zh: '排队中亮出的乘车码',
    en: 'ride code a minute and a half old',
    everyday: 30,
    acts: stage => {
      const generatedAt = stage.now - WAITING_SECONDS
      return [paid(stage, rideCode(stage.rides, stage.rider('ordinary'), stage.now, { generatedAt }), 100)]
    },
  },
  {
    id: 'ankang-phone',
    zh: '安康码乘车',
    en: 'green county code',
    everyday: 120,
    acts: stage => [paid(stage, phoneCode(stage, stage.person('ordinary')), 100)],
  },
  {
    id: 'ankang-companion',
    zh: '同行人安康码',
    en: 'companion’s county code',
    everyday: 40,
    acts: stage => [paid(stage, phoneCode(stage, stage.person('companion')), 50)],
  },
  {
    id: 'ankang-paper',
    zh: '纸质安康码',
    en: 'county code on paper',
    everyday: 60,
    acts: stage => [paid(stage, bearerCode(stage, stage.person('elderly'), 'paper'), 100)],
  },
  {
    id: 'ankang-visitor',
    zh: '邻县来访者安康码',
    en: 'visitor with a trusted neighbour’s code',
    everyday: 20,
    acts: stage => [paid(stage, phoneCode(stage, stage.person('visitor')), 100)],
  },
  {
    id: 'ride-plan',
    zh: '月票',
    en: 'county code with a ride plan',
    everyday: 40,
    acts: stage => [paid(stage, planCode(stage, BUS_OPERATOR, stage.now + MONTH_SECONDS), 0)],
  },
  {
    id: 'ride-plan-over',
    zh: '已到期的月票',
    en: 'ride plan that has ended',
    everyday: 5,
    acts: stage => [paid(stage, planCode(stage, BUS_OPERATOR, stage.now), 100)],
  },
  {
    id: 'ride-plan-elsewhere',
    zh: '别家公司的月票',
    en: 'ride plan of another operator',
    everyday: 3,
    acts: stage => [paid(stage, planCode(stage, 'hill-railway', stage.now + MONTH_SECONDS), 100)],
  },
]
