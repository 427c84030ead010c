import { clockText } from './words.js'

/* What the centre's refusals mean to whoever reads them. */

const CODE_WORDS = {
  'not-reached': ['连不上中心，请检查网络后重试', 'The centre cannot be reached; check the network and try again'],
  'log-in-failed': ['名称或密码不对', 'Name or password is wrong'],
  'second-factor-wrong': [
    '验证码不对，请输入应用里现在显示的六位数',
    'Wrong code; type the six digits the app shows now',
  ],
  'password-too-short': ['密码太短', 'The password is too short'],
  'password-too-long': ['密码太长', 'The password is too long'],
  'password-weak': ['这个密码太容易猜到', 'This password is too easy to guess'],
  'passwords-differ': ['两次输入的密码不同', 'The two passwords differ'],
  'password-same': ['新密码不能与旧密码相同', 'The new password must differ from the old one'],
  'not-permitted': ['您的角色不能这样做', 'Your role may not do this'],
  'device-away': ['设备不在线，指令没有发出', 'The device is away; nothing was sent'],
  'device-unknown': ['没有这台设备', 'There is no such device'],
  'device-revoked': ['设备已被吊销', 'The device is revoked'],
  'name-taken': ['这个名称已经有了', 'This name is taken'],
  'not-found': ['没有找到', 'Not found'],
  'too-many-watchers': ['打开此页的人太多，请稍后再试', 'Too many pages are open; try again later'],
}

const STATUS_WORDS = {
  401: ['请重新登录，然后再做一次', 'Log in again, then do it once more'],
  403: CODE_WORDS['not-permitted'],
  404: CODE_WORDS['not-found'],
  429: ['太频繁了，请稍后再试', 'Too often; try again later'],
  500: ['中心出了故障，日志里有原因', 'The centre has a fault; its log says why'],
  503: ['中心暂时不能处理，请稍后再试', 'The centre cannot do it now; try again later'],
}

function retryWords(error, nowMs) {
  const time = clockText(nowMs + error.retryMs, nowMs)
  const minutes = Math.ceil(error.retryMs / 60_000)
  return [
    `尝试太多，已锁定；请在 ${time} 之后再试（约 ${minutes} 分钟）`,
    `Too many tries: locked until ${time}, about ${minutes} min`,
  ]
}

/** [zh, en] of anything that was thrown. */
export function errorWords(error, nowMs = Date.now()) {
  if (error.status === 429 && error.retryMs !== null) return retryWords(error, nowMs)
  if (Object.hasOwn(CODE_WORDS, error.code ?? '')) return CODE_WORDS[error.code]
  const [zh, en] = STATUS_WORDS[error.status] ?? ['中心拒绝了', 'The centre refused']
  const detail = [error.code, error.message].filter(Boolean).join(' · ')
  return [zh, detail === '' || error.status === 401 ? en : `${en} (${detail})`]
}
