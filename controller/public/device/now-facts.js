import { both, factList, icon, make } from '../core/elements.js'
import { agoWords, alarmWord, countText, STATE_WORDS, sceneWords, timeText } from '../core/words.js'
import { banner, isLockedDown, LOCKDOWN_WORDS, REVOKED_WORDS } from './lockdown.js'

const CLOCK_WORDS = {
  synced: ['已校时', 'synchronised'],
  holdover: ['保持：最近校过时', 'holdover: was synchronised lately'],
  unknown: ['未校时，不可信', 'not synchronised, not to be trusted'],
}
const NOTHING = ['–', '']

function stateLine(view) {
  const { tone, symbol, zh, en } = STATE_WORDS[view.state] ?? STATE_WORDS.unknown
  return make('p', { class: 'panel-state', 'data-tone': tone }, icon(symbol), make('span', {}, both(zh, en)))
}

/** The list says only that it is revoked, the device's own page says when and why. */
function revokedBanner({ revoked }) {
  if (!revoked) return null
  if (revoked === true) return banner('red', 'cross', REVOKED_WORDS)
  const [zh, en] = REVOKED_WORDS
  return banner('red', 'cross', [`${zh} ${timeText(revoked.timeMs)}：${revoked.reason}`, en])
}

/** What a device is like at this moment. Takes a device of the list too, which says less. */
export function nowFacts(view, nowMs) {
  const [sceneZh, sceneEn] = view.scene === null ? NOTHING : sceneWords(view.scene)
  const connected = view.connected ?? null
  const parts = [
    stateLine(view),
    revokedBanner(view),
    isLockedDown(view) ? banner('red', 'lock', LOCKDOWN_WORDS) : null,
    view.lastAlarm === null
      ? null
      : banner('yellow', 'alert', [
          `${alarmWord(view.lastAlarm.kind)} ${timeText(view.lastAlarm.timeMs)} ${view.lastAlarm.detail}`,
          '',
        ]),
    factList([
      [['地点', 'Site'], view.site],
      [['场景', 'Scene'], both(sceneZh, sceneEn)],
      [
        ['连接', 'Connection'],
        both(...(connected === null ? NOTHING : connected ? ['已连接', 'connected'] : ['未连接', 'not connected'])),
      ],
      [['最近', 'Last heard'], both(...(view.lastSeenMs === null ? NOTHING : agoWords(view.lastSeenMs, nowMs)))],
      [['时钟', 'Clock'], both(...(CLOCK_WORDS[view.clock] ?? NOTHING))],
      [['程序', 'Firmware'], view.firmware ?? '–'],
      [['硬件', 'Hardware'], view.hardware ?? '–'],
      [['已存 / 待传', 'Stored / backlog'], `${countText(view.recordsStored)} / ${countText(view.backlog)}`],
      [['缺口', 'Gaps'], view.gaps === 0 ? '0 ✓' : `${countText(view.gaps)} ⚠`],
    ]),
  ]
  return make('div', { class: 'stack' }, parts)
}
