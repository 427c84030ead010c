import { clockText } from './words.js'

/* What the centre's refusals mean to whoever reads them. The centre's own words are `中文 · English`, and good enough for most. */

const CODE_WORDS = {
  'not-reached': ['连不上中心，请检查网络后重试', 'The centre cannot be reached; check the network and try again'],
  'passwords-differ': ['两次输入的密码不同', 'The two passwords differ'],
  'log-in-failed': ['名称或密码不对', 'Name or password is wrong'],
  'second-factor-wrong': [
    '验证码不对，请输入应用里现在显示的六位数',
    'Wrong code; type the six digits the app shows now',
  ],
  'device-away': ['设备不在线，指令没有发出', 'The device is away; nothing was sent'],
  'device-unknown': ['没有这台设备', 'There is no such device'],
  'device-enrolled': [
    '该设备已入网；更换须先由安全管理员吊销',
    'This device is enrolled; to replace it, the security administrator revokes it first',
  ],
  'device-revoked': ['设备已被吊销', 'The device is revoked'],
  'csrf-wrong': ['此页已过时，请重新载入', 'This page is out of date; load it anew'],
}

const NOT_PERMITTED = ['您的角色不能这样做', 'Your role may not do this']
const STATUS_WORDS = {
  401: ['请重新登录，然后再做一次', 'Log in again, then do it once more'],
  403: NOT_PERMITTED,
  404: ['没有找到', 'Not found'],
  429: ['太频繁了，请稍后再试', 'Too often; try again later'],
  500: ['中心出了故障，日志里有原因', 'The centre has a fault; its log says why'],
  503: ['中心暂时不能处理，请稍后再试', 'The centre cannot do it now; try again later'],
}

function lockWords(retryMs, nowMs) {
  const time = clockText(nowMs + retryMs, nowMs)
  const minutes = Math.ceil(retryMs / 60_000)
  return [
    `尝试太多，已锁定；请在 ${time} 之后再试（约 ${minutes} 分钟）`,
    `Too many tries: locked until ${time}, about ${minutes} min`,
  ]
}

function waitWords(retryMs) {
  const seconds = Math.ceil(retryMs / 1000)
  return [`太频繁了，请在 ${seconds} 秒之后再试`, `Too often: try again in ${seconds} s`]
}

/** The centre's own words, where they are in both languages. */
function ownWords(message) {
  const [zh, ...en] = message.split(' · ')
  return en.length > 0 ? [zh, en.join(' · ')] : null
}

/** [zh, en] of anything that was thrown. */
export function errorWords(error, nowMs = Date.now()) {
  const { code = '', status, message, retryMs = null } = error
  if (retryMs !== null && retryMs > 0) {
    if (code === 'locked') return lockWords(retryMs, nowMs)
    if (status === 429) return waitWords(retryMs)
  }
  if (Object.hasOwn(CODE_WORDS, code)) return CODE_WORDS[code]
  if (status === 401) return STATUS_WORDS[401]
  const own = ownWords(message)
  if (own !== null) return own
  const [zh, en] = STATUS_WORDS[status] ?? ['中心拒绝了', 'The centre refused']
  const detail = [code, message].filter(Boolean).join(' · ')
  return [zh, detail === '' ? en : `${en} (${detail})`]
}
