import { encodeAk1Text, encodeProof, utf8 } from '@ankang/protocol'
import { rideCode } from '../ride/ride-code-making.ts'
import { WRONG_RIDE_CODES } from '../ride/wrong-ride-codes.ts'
import { type BusScenario, paid, referred, refused } from './bus-scenario.ts'
import { bearerCode, issue, phoneCode } from './code-making.ts'

/** Below any fare there is. */
const POCKET_MONEY_FEN = 50
/** Where the certificate's first byte stands, which is always the same. Source: formats.md §3. */
const CERTIFICATE_HEADER = 3

/** How often wrong ride codes come in everyday life; the ones not named are rare. */
const WRONG_EVERYDAY: Readonly<Record<string, number>> = { screenshot: 10, 'authorisation-over': 8, 'phone-ahead': 4 }
const RARE = 1

/** A code cut short is none that a scanner delivers: it waits for the bytes that the code's head promises. */
const WRONG_RIDES: readonly BusScenario[] = WRONG_RIDE_CODES.filter(({ id }) => id !== 'cut').map(
  ({ id, zh, en, reason, code }) => ({
    id,
    zh,
    en,
    everyday: WRONG_EVERYDAY[id] ?? RARE,
    acts: stage => [refused(code(stage.rides, stage.rider('ordinary'), stage.now), reason)],
  }),
)

/** Passengers who have paid, or show the same thing twice. */
const REPEATED_RIDES: readonly BusScenario[] = [
  {
    id: 'repeated',
    zh: '刷新后再次出示',
    en: 'shown again with a fresh code',
    everyday: 30,
    acts: stage => {
      const rider = stage.rider('ordinary')
      const first = rideCode(stage.rides, rider, stage.now, { generatedAt: stage.now - 1 })
      return [paid(stage, first, 100), refused(rideCode(stage.rides, rider, stage.now), 'ride-repeated')]
    },
  },
  {
    id: 'repeated-ankang',
    zh: '安康码刷新后再次出示',
    en: 'county code shown again with a fresh proof',
    everyday: 10,
    acts: stage => {
      const resident = stage.person('ordinary')
      const { bytes } = issue(stage, resident, 'phone')
      const shown = (shownAt: number) => {
        const proof = encodeProof({ shownAt, site: null, challenge: null }, bytes, stage.city.phoneKey(resident))
        return utf8(encodeAk1Text(bytes, proof))
      }
      return [paid(stage, shown(stage.now - 1), 100), refused(shown(stage.now), 'ride-repeated')]
    },
  },
  {
    id: 'repeated-paper',
    zh: '纸质码连续出示',
    en: 'paper code handed back for a second person',
    everyday: 4,
    acts: stage => {
      const code = bearerCode(stage, stage.person('elderly'), 'paper')
      return [paid(stage, code, 100), refused(code, 'ride-repeated')]
    },
  },
  {
    id: 'replay',
    zh: '同一乘车码用两次',
    en: 'the same ride code twice',
    everyday: 6,
    acts: stage => {
      const code = rideCode(stage.rides, stage.rider('ordinary'), stage.now)
      return [paid(stage, code, 100), refused(code, 'replayed')]
    },
  },
]

/** Genuine codes that do not ride, and what is no code of ours. */
const UNFIT_RIDES: readonly BusScenario[] = [
  {
    id: 'fare-limit',
    zh: '超出单次限额的账户',
    en: 'account whose limit is below the fare',
    everyday: 5,
    acts: stage => {
      const changes = { singleRideLimitFen: POCKET_MONEY_FEN }
      return [refused(rideCode(stage.rides, stage.rider('ordinary'), stage.now, { changes }), 'fare-limit')]
    },
  },
  {
    id: 'web-address',
    zh: '网址二维码',
    en: 'a web address',
    everyday: 5,
    acts: ({ now }) => [refused(utf8(`https://example.com/menu?table=${now % 1000}`), 'unrecognised')],
  },
  {
    id: 'test-account',
    zh: '测试账户',
    en: 'test account',
    everyday: 2,
    acts: stage => [refused(rideCode(stage.rides, stage.rider('test'), stage.now), 'account-not-accepted')],
  },
  {
    id: 'yellow',
    zh: '黄码',
    en: 'yellow county code',
    everyday: 12,
    acts: stage => [referred(phoneCode(stage, stage.person('ordinary', 'yellow')), 'colour-yellow')],
  },
  {
    id: 'red',
    zh: '红码',
    en: 'red county code',
    everyday: 5,
    acts: stage => [refused(phoneCode(stage, stage.person('ordinary', 'red')), 'colour-red')],
  },
  {
    id: 'enterprise',
    zh: '企业码',
    en: 'enterprise code',
    everyday: 2,
    acts: stage => [refused(phoneCode(stage, stage.person('enterprise')), 'kind-not-accepted')],
  },
  {
    id: 'payment-code',
    zh: '付款码',
    en: 'payment code of a wallet',
    everyday: 12,
    acts: ({ now }) => [refused(utf8(`13${String(now).padStart(16, '0')}`), 'unrecognised')],
  },
  {
    id: 'broken',
    zh: '损坏的乘车码',
    en: 'ride code with a broken certificate',
    everyday: 2,
    acts: stage => {
      const code = rideCode(stage.rides, stage.rider('ordinary'), stage.now)
      code[CERTIFICATE_HEADER] = 0
      return [refused(code, 'malformed')]
    },
  },
]

/** Showings that move nobody. */
export const REFUSED_RIDES: readonly BusScenario[] = [...REPEATED_RIDES, ...UNFIT_RIDES, ...WRONG_RIDES]
