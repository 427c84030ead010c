/* What the page says, Chinese first. */

export const OUTCOME_WORDS = {
  admit: ['放行', 'admit'],
  deny: ['拒绝', 'deny'],
  refer: ['转人工', 'refer'],
}

/** State → words, symbol and tone; the tone is never the only sign. */
export const STATE_WORDS = {
  ready: { zh: '就绪', en: 'ready', symbol: 'tick', tone: 'green' },
  init: { zh: '启动中', en: 'starting', symbol: 'dots', tone: 'blue' },
  offline: { zh: '离线', en: 'offline', symbol: 'power', tone: 'grey' },
  lost: { zh: '失联', en: 'lost', symbol: 'broken', tone: 'red' },
  alert: { zh: '告警', en: 'alert', symbol: 'alert', tone: 'yellow' },
  unknown: { zh: '未上线', en: 'not heard yet', symbol: 'question', tone: 'grey' },
}

export const LINK_WORDS = {
  connecting: { zh: '正在连接', en: 'connecting', symbol: 'dots' },
  live: { zh: '实时', en: 'live', symbol: 'tick' },
  disconnected: { zh: '连接中断', en: 'disconnected', symbol: 'broken' },
}

export const STAGE_WORDS = {
  read: ['读取', 'read'],
  recognise: ['识别', 'recognise'],
  verify: ['核验', 'verify'],
  decide: ['判定', 'decide'],
}

const SCENE_WORDS = { 'hall-door': ['大厅门禁', 'hall door'], bus: ['公交', 'bus'] }

const ALARM_WORDS = {
  door: '门',
  tamper: '防拆',
  storage: '存储',
  clock: '时钟',
  trust: '信任资料',
  fire: '消防',
  reader: '读码器',
  ledger: '记录链',
  order: '指令',
  identity: '身份',
}

export function sceneWords(scene) {
  return SCENE_WORDS[scene] ?? [scene, '']
}

export function alarmWord(kind) {
  return ALARM_WORDS[kind] ?? kind
}

const clockFormat = new Intl.DateTimeFormat('zh-CN', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hour12: false,
})
const dayFormat = new Intl.DateTimeFormat('zh-CN', { month: '2-digit', day: '2-digit' })
const numberFormat = new Intl.NumberFormat('en-US')

export function clockText(timeMs, nowMs) {
  const time = new Date(timeMs)
  const sameDay = time.toDateString() === new Date(nowMs).toDateString()
  return sameDay ? clockFormat.format(time) : `${dayFormat.format(time)} ${clockFormat.format(time)}`
}

export function countText(count) {
  return numberFormat.format(count)
}

/** How long ago, in one unit: [zh, en]. */
export function agoWords(timeMs, nowMs) {
  const seconds = Math.max(0, Math.round((nowMs - timeMs) / 1000))
  if (seconds < 5) return ['刚刚', 'now']
  if (seconds < 60) return [`${seconds} 秒前`, `${seconds} s ago`]
  if (seconds < 3600) return [`${Math.floor(seconds / 60)} 分钟前`, `${Math.floor(seconds / 60)} min ago`]
  if (seconds < 86_400) return [`${Math.floor(seconds / 3600)} 小时前`, `${Math.floor(seconds / 3600)} h ago`]
  return [`${Math.floor(seconds / 86_400)} 天前`, `${Math.floor(seconds / 86_400)} d ago`]
}

const wholeFormat = new Intl.DateTimeFormat('zh-CN', {
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hour12: false,
})

/** Day and time in full, for what is kept. */
export function timeText(timeMs) {
  return wholeFormat.format(new Date(timeMs)).replaceAll('/', '-')
}

/** Whole days until a time; negative when it is over. */
export function daysUntil(timeMs, nowMs) {
  return Math.floor((timeMs - nowMs) / 86_400_000)
}

/** 14:05 */
export function minutesText(leftMs) {
  const seconds = Math.max(0, Math.ceil(leftMs / 1000))
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}

/** What is needed to read something aloud or type it: groups of a few signs. */
export function groups(text, size) {
  return text.match(new RegExp(`.{1,${size}}`, 'g')) ?? []
}

export const ROLE_WORDS = {
  viewer: ['查看员', 'viewer'],
  technician: ['技术员', 'technician'],
  operator: ['值班员', 'operator'],
  auditor: ['审计员', 'auditor'],
  'security-administrator': ['安全管理员', 'security administrator'],
}

export function roleWords(role) {
  return ROLE_WORDS[role] ?? [role, '']
}
