import { colourToNumber, utf8 } from '@ankang/protocol'
import { STATUS_LIST_ID } from '../city/issuing-keys.ts'
import { bearerCode, phoneCode } from './code-making.ts'
import type { Scenario } from './scenario.ts'

const HOUR_SECONDS = 3600
const BEYOND_ANY_LIST = 60_000_000

function denied(reason: string): Scenario['expected'] {
  return { outcome: 'deny', reason }
}

/** Genuine codes that do not open the door: the person's standing, the moment, or what this door takes. */
export const REFUSED_SCENARIOS: readonly Scenario[] = [
  {
    id: 'yellow',
    zh: '黄码',
    en: 'yellow code',
    everyday: 25,
    expected: { outcome: 'refer', reason: 'colour-yellow' },
    codes: stage => [phoneCode(stage, stage.person('ordinary', 'yellow'))],
  },
  {
    id: 'yellow-paper',
    zh: '纸质码持有人转为黄码',
    en: 'paper code whose holder turned yellow',
    everyday: 5,
    expected: { outcome: 'refer', reason: 'colour-yellow' },
    codes: stage => [bearerCode(stage, stage.person('elderly', 'yellow'), 'paper')],
  },
  {
    id: 'red',
    zh: '红码',
    en: 'red code',
    everyday: 10,
    expected: denied('colour-red'),
    codes: stage => [phoneCode(stage, stage.person('ordinary', 'red'))],
  },
  {
    id: 'turned-red',
    zh: '发码后转为红码',
    en: 'green when issued, red on the newer list',
    everyday: 5,
    expected: denied('colour-red'),
    codes: stage => {
      const at = stage.now - 12 * HOUR_SECONDS
      const stamp = { colour: colourToNumber('green'), asOf: at }
      return [phoneCode(stage, stage.person('ordinary', 'red'), { at, changes: { stamp } })]
    },
  },
  {
    id: 'no-colour',
    zh: '查不到码色',
    en: 'no stamp, and not on the list',
    everyday: 3,
    expected: denied('colour-unknown'),
    codes: stage => {
      const status = { list: STATUS_LIST_ID, index: BEYOND_ANY_LIST }
      return [phoneCode(stage, stage.person('ordinary'), { changes: { stamp: null, status } })]
    },
  },
  {
    id: 'no-status',
    zh: '没有状态索引',
    en: 'code that no status list can vouch for',
    everyday: 0,
    expected: denied('status-stale'),
    codes: stage => [bearerCode(stage, stage.person('ordinary'), 'online', { changes: { status: null } })],
  },
  {
    id: 'revoked',
    zh: '已作废的码',
    en: 'revoked code',
    everyday: 4,
    expected: denied('revoked'),
    codes: stage => [phoneCode(stage, stage.person('ordinary', 'revoked'))],
  },
  {
    id: 'reissued-paper',
    zh: '已补发的旧纸质码',
    en: 'paper code voided by a newer print',
    everyday: 6,
    expected: denied('revoked'),
    codes: stage => [bearerCode(stage, stage.person('elderly'), 'paper', { olderPrint: true })],
  },
  {
    id: 'withdrawn',
    zh: '已挂失手机的码',
    en: 'code of a phone reported stolen',
    everyday: 3,
    expected: denied('denied-credential'),
    codes: stage => {
      const [credentialId = new Uint8Array(16)] = stage.city.withdrawnCredentialIds()
      return [phoneCode(stage, stage.person('ordinary'), { changes: { credentialId } })]
    },
  },
  {
    id: 'expired',
    zh: '已过期的码',
    en: 'expired code',
    everyday: 8,
    expected: denied('expired'),
    codes: stage => [phoneCode(stage, stage.person('ordinary'), { at: stage.now - 25 * HOUR_SECONDS })],
  },
  {
    id: 'expired-paper',
    zh: '满180天的纸质码',
    en: 'paper code past its 180 days',
    everyday: 4,
    expected: denied('expired'),
    codes: stage => [bearerCode(stage, stage.person('elderly'), 'paper', { at: stage.now - 181 * 24 * HOUR_SECONDS })],
  },
  {
    id: 'not-yet-valid',
    zh: '尚未生效的码',
    en: 'code that starts in an hour',
    everyday: 2,
    expected: denied('not-yet-valid'),
    codes: stage => [phoneCode(stage, stage.person('ordinary'), { changes: { notBefore: stage.now + HOUR_SECONDS } })],
  },
  {
    id: 'enterprise',
    zh: '企业码',
    en: 'enterprise code, not for this door',
    everyday: 8,
    expected: denied('kind-not-accepted'),
    codes: stage => [phoneCode(stage, stage.person('enterprise'))],
  },
  {
    id: 'ticket',
    zh: '景点门票码',
    en: 'scenic-spot ticket, not for this door',
    everyday: 5,
    expected: denied('kind-not-accepted'),
    codes: stage => [
      phoneCode(stage, stage.person('ordinary'), { signedBy: stage.city.keys.ticket, changes: { kind: 'ticket' } }),
    ],
  },
  {
    id: 'unknown-place',
    zh: '未互认地区的码',
    en: 'visitor from a place that is not trusted',
    everyday: 8,
    expected: denied('unknown-issuer'),
    codes: stage => [phoneCode(stage, stage.person('stranger'))],
  },
  {
    id: 'web-address',
    zh: '网址二维码',
    en: 'a web address',
    everyday: 8,
    expected: denied('unrecognised'),
    codes: stage => [utf8(`https://example.com/menu?table=${stage.now % 1000}`)],
  },
]
