import { bearerCode, phoneCode } from './code-making.ts'
import type { Scenario } from './scenario.ts'

const admitted = { outcome: 'admit', reason: 'ok' } as const

/** Codes that open the door. */
export const GOOD_SCENARIOS: readonly Scenario[] = [
  {
    id: 'phone',
    zh: '手机绿码',
    en: 'green phone code',
    everyday: 600,
    expected: admitted,
    codes: stage => [phoneCode(stage, stage.person('ordinary'))],
  },
  {
    id: 'phone-for-this-site',
    zh: '为本处出示的手机绿码',
    en: 'green phone code that names this site',
    everyday: 80,
    expected: admitted,
    codes: stage => [phoneCode(stage, stage.person('ordinary'), { proof: { site: stage.site } })],
  },
  {
    id: 'phone-after-half-a-minute',
    zh: '亮码半分钟后扫码',
    en: 'phone code half a minute old',
    everyday: 40,
    expected: admitted,
    codes: stage => [phoneCode(stage, stage.person('ordinary'), { proof: { shownAt: stage.now - 30 } })],
  },
  {
    id: 'companion',
    zh: '同行人码',
    en: 'companion on a relative’s phone',
    everyday: 50,
    expected: admitted,
    codes: stage => [phoneCode(stage, stage.person('companion'))],
  },
  {
    id: 'paper',
    zh: '老年人纸质码',
    en: 'paper code of an elderly person',
    everyday: 90,
    expected: admitted,
    codes: stage => [bearerCode(stage, stage.person('elderly'), 'paper')],
  },
  {
    id: 'online',
    zh: '短时在线码',
    en: 'short-lived online code',
    everyday: 40,
    expected: admitted,
    codes: stage => [bearerCode(stage, stage.person('ordinary'), 'online')],
  },
  {
    id: 'visitor',
    zh: '邻县来访者绿码',
    en: 'visitor with a trusted neighbour’s code',
    everyday: 30,
    expected: admitted,
    codes: stage => [phoneCode(stage, stage.person('visitor'))],
  },
]
