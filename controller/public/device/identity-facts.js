import { both, factList, make } from '../core/elements.js'
import { daysUntil, groups, timeText } from '../core/words.js'

const SOON_DAYS = 14
const END_WORDS = {
  renewed: ['已更换', 'renewed'],
  replaced: ['已更换', 'replaced'],
  revoked: ['已吊销', 'revoked'],
}

function standing({ notAfterMs, revokedMs }, nowMs) {
  if (revokedMs !== null) return { tone: 'red', words: [`已吊销 ${timeText(revokedMs)}`, 'revoked'] }
  const days = daysUntil(notAfterMs, nowMs)
  if (days < 0) return { tone: 'red', words: ['已过期', 'expired'] }
  return { tone: days < SOON_DAYS ? 'yellow' : 'green', words: [`还有 ${days} 天`, `${days} days left`] }
}

function certificateRow(certificate, nowMs) {
  const { tone, words } = standing(certificate, nowMs)
  return make(
    'li',
    { 'data-tone': tone },
    make('strong', { class: 'toned' }, both(...words)),
    make('span', {}, both(`${timeText(certificate.issuedMs)} 至 ${timeText(certificate.notAfterMs)}`, '')),
    make('code', {}, certificate.serial),
  )
}

function keyRow({ publicKey, fromMs, untilMs, endReason }) {
  const end = untilMs === null ? ['现用', 'in use'] : [`至 ${timeText(untilMs)}`, '']
  const [whyZh, whyEn] = endReason === null ? ['', ''] : (END_WORDS[endReason] ?? [endReason, ''])
  return make(
    'li',
    { 'data-tone': untilMs === null ? 'green' : 'grey' },
    make('strong', { class: 'toned' }, both(...end)),
    make('span', {}, both(`${timeText(fromMs)} 起${whyZh === '' ? '' : ` · ${whyZh}`}`, whyEn)),
    make('code', { title: publicKey }, groups(publicKey.slice(0, 16), 4).join(' '), '…'),
  )
}

/** Who a device is: when it became one of ours, with which certificates and keys. */
export function identityFacts({ enrolledMs, revoked, certificates, keys }, nowMs) {
  const newest = [...certificates].sort((a, b) => b.issuedMs - a.issuedMs)
  const facts = factList([
    [['入网', 'Enrolled'], timeText(enrolledMs)],
    [['吊销', 'Revoked'], revoked === null ? both('否', 'no') : `${timeText(revoked.timeMs)} · ${revoked.reason}`],
  ])
  return make(
    'div',
    { class: 'stack' },
    facts,
    make('h4', {}, both('证书', 'Certificates')),
    newest.length === 0 ? make('p', { class: 'soft' }, both('没有', 'none')) : null,
    make(
      'ul',
      { class: 'history', 'data-history': 'certificates' },
      newest.map(certificate => certificateRow(certificate, nowMs)),
    ),
    make('h4', {}, both('密钥', 'Keys')),
    make('ul', { class: 'history', 'data-history': 'keys' }, [...keys].sort((a, b) => b.fromMs - a.fromMs).map(keyRow)),
  )
}
