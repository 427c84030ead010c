import { announce } from '../core/announce.js'
import { getJson } from '../core/api.js'
import { both, make } from '../core/elements.js'
import { errorWords } from '../core/error-words.js'
import { choice, field, textInput } from '../core/form.js'
import { pageHead, rowOf, tableOf } from '../core/page-parts.js'
import { countText, timeText } from '../core/words.js'
import { ACTION_CHOICES, actionWords } from './action-words.js'
import { chainCheck } from './chain-check.js'

const AT_ONCE = 100
const COLUMNS = [
  ['序号', 'No.'],
  ['时间', 'Time'],
  ['谁', 'Actor'],
  ['做了什么', 'Action'],
  ['对象', 'Subject'],
  ['事由', 'Purpose'],
  ['结果', 'Result'],
  ['细节', 'Detail'],
]

function detailText(detail) {
  return Object.entries(detail)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n')
}

function auditRow({ id, timeMs, actor, action, subject, purpose, ok, detail }) {
  const cells = [
    String(id),
    make('time', { datetime: new Date(timeMs).toISOString() }, timeText(timeMs)),
    actor,
    [make('span', {}, both(...actionWords(action))), make('code', {}, action)],
    subject,
    purpose ?? '',
    make(
      'span',
      { class: 'toned', 'data-tone': ok ? 'green' : 'red' },
      both(...(ok ? ['✓ 成功', 'ok'] : ['✕ 未成', 'refused'])),
    ),
    make('span', { class: 'detail' }, detailText(detail)),
  ]
  return rowOf(COLUMNS, cells, { 'data-ok': String(ok) })
}

/** Who did what and why, newest first; the centre looks for who and what. */
export function auditView() {
  let shown = 0
  let olderBefore = null
  let asked = 0
  const body = make('tbody')
  const table = tableOf(COLUMNS, [], ['审计日志', 'Audit log'])
  table.tBodies[0].replaceWith(body)
  const count = make('p', { class: 'soft', role: 'status' })
  const trouble = make('p', { class: 'error', role: 'alert', hidden: true })
  const actor = textInput('actor', { type: 'search', maxlength: '80' })
  const action = choice('action', ACTION_CHOICES)
  const older = make('button', { type: 'button', class: 'button', hidden: true }, both('更早的', 'Older'))

  const wanted = before => {
    const [who, what] = [actor.value.trim(), action.value]
    return new URLSearchParams({
      limit: AT_ONCE,
      ...(before === null ? {} : { before }),
      ...(who === '' ? {} : { actor: who }),
      ...(what === '' ? {} : { action: what }),
    })
  }
  const show = records => {
    shown += records.length
    body.append(...records.map(auditRow))
    older.hidden = olderBefore === null
    const [zh, en] = older.hidden ? ['', ''] : ['，更早的还未查', '; older ones not looked through yet']
    count.replaceChildren(...both(`${countText(shown)} 条${zh}`, `entries${en}`))
  }
  const load = async before => {
    const turn = ++asked
    try {
      const page = await getJson(`/api/audit?${wanted(before)}`)
      if (turn !== asked) return // another filter was chosen meanwhile
      if (before === null) {
        body.replaceChildren()
        shown = 0
      }
      olderBefore = page.olderBefore
      trouble.hidden = true
      show(page.records)
      if (before !== null) announce(count.textContent)
    } catch (error) {
      if (turn !== asked) return
      trouble.hidden = false
      trouble.replaceChildren(...both(...errorWords(error)))
    }
  }
  for (const input of [actor, action]) input.addEventListener('change', () => load(null))
  older.addEventListener('click', () => load(olderBefore))
  load(null)
  return make(
    'div',
    { class: 'page-view' },
    pageHead(
      ['审计日志', 'Audit log'],
      [
        '谁、何时、为何做了什么；每条都与前一条相连。',
        'Who did what, when and why; each entry is chained to the one before.',
      ],
    ),
    chainCheck(),
    make(
      'div',
      { class: 'filter-row' },
      field(['谁', 'Actor'], actor, ['全名，回车查找', 'the whole name; press Enter']),
      field(['做了什么', 'Action'], action),
    ),
    count,
    trouble,
    make('div', { class: 'table-holder' }, table),
    make('div', { class: 'actions' }, older),
  )
}
