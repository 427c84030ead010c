import { encodeAk1Text, encodeProof, utf8 } from '@ankang/protocol'
import { bearerCode, issue, phoneCode, strangersKey } from './code-making.ts'
import type { Scenario } from './scenario.ts'

const PROOF_AGE_SECONDS = 120
const PHONE_AHEAD_SECONDS = 90

function denied(reason: string): Scenario['expected'] {
  return { outcome: 'deny', reason }
}

/** Codes that somebody copied, altered, made up or broke. */
export const FORGED_SCENARIOS: readonly Scenario[] = [
  {
    id: 'screenshot',
    zh: '两分钟前的截图',
    en: 'screenshot two minutes old',
    everyday: 20,
    expected: denied('proof-stale'),
    codes: stage => [phoneCode(stage, stage.person('ordinary'), { proof: { shownAt: stage.now - PROOF_AGE_SECONDS } })],
  },
  {
    id: 'phone-ahead',
    zh: '手机时间过快',
    en: 'phone whose clock is ahead',
    everyday: 5,
    expected: denied('proof-future'),
    codes: stage => [
      phoneCode(stage, stage.person('ordinary'), { proof: { shownAt: stage.now + PHONE_AHEAD_SECONDS } }),
    ],
  },
  {
    id: 'replay',
    zh: '同一次亮码用两次',
    en: 'the same showing twice',
    everyday: 6,
    expected: denied('replayed'),
    codes: stage => {
      const code = phoneCode(stage, stage.person('ordinary'))
      return [code, code]
    },
  },
  {
    id: 'paper-passed-back',
    zh: '纸质码传递使用',
    en: 'paper code handed back for a second person',
    everyday: 3,
    expected: denied('replayed'),
    codes: stage => {
      const code = bearerCode(stage, stage.person('elderly'), 'paper')
      return [code, code]
    },
  },
  {
    id: 'stripped-proof',
    zh: '去掉亮码证明的码',
    en: 'phone code stripped of its proof',
    everyday: 2,
    expected: denied('proof-missing'),
    codes: stage => [bearerCode(stage, stage.person('ordinary'), 'phone')],
  },
  {
    id: 'another-phone',
    zh: '他人手机出示的码',
    en: 'code shown by another phone',
    everyday: 3,
    expected: denied('proof-bad'),
    codes: stage => [phoneCode(stage, stage.person('ordinary'), { proofKey: strangersKey() })],
  },
  {
    id: 'moved-proof',
    zh: '移植的亮码证明',
    en: 'proof moved over from another code',
    everyday: 0,
    expected: denied('proof-bad'),
    codes: stage => {
      const resident = stage.person('ordinary')
      const one = issue(stage, resident, 'phone')
      const other = issue(stage, resident, 'phone')
      const content = { shownAt: stage.now, site: null, challenge: null }
      return [utf8(encodeAk1Text(one.bytes, encodeProof(content, other.bytes, stage.city.phoneKey(resident))))]
    },
  },
  {
    id: 'forged',
    zh: '伪造签名的码',
    en: 'made up under the county’s key id',
    everyday: 4,
    expected: denied('bad-signature'),
    codes: stage => [
      phoneCode(stage, stage.person('ordinary'), { signedBy: { ...stage.city.keys.county, key: strangersKey() } }),
    ],
  },
  {
    id: 'retired-key',
    zh: '停用密钥签发的码',
    en: 'signed with a key long retired',
    everyday: 1,
    expected: denied('issuer-expired'),
    codes: stage => [phoneCode(stage, stage.person('ordinary'), { signedBy: stage.city.keys.retired })],
  },
  {
    id: 'beyond-delegation',
    zh: '门票密钥签发的个人码',
    en: 'ticket key signing for a person',
    everyday: 1,
    expected: denied('kind-not-delegated'),
    codes: stage => [phoneCode(stage, stage.person('ordinary'), { signedBy: stage.city.keys.ticket })],
  },
  {
    id: 'long-online',
    zh: '有效期过长的在线码',
    en: 'online code that lasts an hour',
    everyday: 1,
    expected: denied('validity-too-long'),
    codes: stage => [
      bearerCode(stage, stage.person('ordinary'), 'online', { changes: { expiresAt: stage.now + 3600 } }),
    ],
  },
  {
    id: 'another-site',
    zh: '为别处出示的码',
    en: 'showing that was made for another site',
    everyday: 4,
    expected: denied('wrong-site'),
    codes: stage => [phoneCode(stage, stage.person('ordinary'), { proof: { site: 'hospital' } })],
  },
  {
    id: 'cut',
    zh: '残缺的码',
    en: 'half a code',
    everyday: 5,
    expected: denied('malformed'),
    codes: stage => {
      const code = phoneCode(stage, stage.person('ordinary'))
      return [code.slice(0, code.length >> 1)]
    },
  },
]
