import { rideCode } from '../ride/ride-code-making.ts'
import { type BusAct, type BusScenario, type BusStage, paid, refused } from './bus-scenario.ts'
import { phoneCode } from './code-making.ts'

const DRIVER_KEY: BusAct = { kind: 'driver-key' }

/** Codes of one account, generated in as many seconds, the last one now. */
function oneAccount(stage: BusStage, count: number): Uint8Array[] {
  const rider = stage.rider('ordinary')
  return Array.from({ length: count }, (_, place) =>
    rideCode(stage.rides, rider, stage.now, { generatedAt: stage.now - (count - 1 - place) }),
  )
}

/** What happens around passengers: under ground. */
export const TUNNEL: BusScenario = {
  id: 'tunnel',
  zh: '隧道中无信号',
  en: 'three passengers in a tunnel',
  everyday: 0,
  acts: stage => [
    { kind: 'tunnel' },
    paid(stage, rideCode(stage.rides, stage.rider('ordinary'), stage.now), 100),
    paid(stage, rideCode(stage.rides, stage.rider('student'), stage.now), 50),
    paid(stage, phoneCode(stage, stage.person('companion')), 50),
    { kind: 'daylight' },
  ],
}

/** What happens around passengers: the device is switched off and on, and remembers who has paid. */
export const NIGHT: BusScenario = {
  id: 'night',
  zh: '重启后出示旧码',
  en: 'code of before the night, and a fresh one of the same account',
  everyday: 0,
  acts: stage => {
    const [before, after] = oneAccount(stage, 2) as [Uint8Array, Uint8Array]
    return [paid(stage, before, 100), { kind: 'night' }, refused(before, 'replayed'), refused(after, 'ride-repeated')]
  },
}

/** The driver's key. */
export const KEY_RIDES: readonly BusScenario[] = [
  {
    id: 'driver-key',
    zh: '司机按键后为同行人付款',
    en: 'second ride of one account, with the driver’s key',
    everyday: 10,
    acts: stage => {
      const [own, companions] = oneAccount(stage, 2) as [Uint8Array, Uint8Array]
      return [paid(stage, own, 100), DRIVER_KEY, paid(stage, companions, 100)]
    },
  },
  {
    id: 'driver-key-used-up',
    zh: '司机按一次键只付一人',
    en: 'one press of the key, two companions',
    everyday: 2,
    acts: stage => {
      const [own, first, second] = oneAccount(stage, 3) as [Uint8Array, Uint8Array, Uint8Array]
      return [paid(stage, own, 100), DRIVER_KEY, paid(stage, first, 100), refused(second, 'ride-repeated')]
    },
  },
]
