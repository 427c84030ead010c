import { announce } from '../core/announce.js'
import { getJson } from '../core/api.js'
import { both, make } from '../core/elements.js'
import { errorWords } from '../core/error-words.js'
import { field, textInput } from '../core/form.js'
import { pageHead, rowOf, tableOf } from '../core/page-parts.js'
import { countText, timeText } from '../core/words.js'
import { actionWords } from './action-words.js'
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

/** Who did what and why, newest first. */
export function auditView() {
  let records = []
  const body = make('tbody')
  const table = tableOf(COLUMNS, [], ['审计日志', 'Audit log'])
  table.tBodies[0].replaceWith(body)
  const count = make('p', { class: 'soft', role: 'status' })
  const trouble = make('p', { class: 'error', role: 'alert', hidden: true })
  const actor = textInput('actor', { type: 'search' })
  const action = textInput('action', { type: 'search' })
  const older = make('button', { type: 'button', class: 'button' }, both('更早的', 'Older'))

  const isWanted = record =>
    record.actor.toLowerCase().includes(actor.value.trim().toLowerCase()) &&
    [record.action, ...actionWords(record.action)].some(text =>
      text.toLowerCase().includes(action.value.trim().toLowerCase()),
    )
  const show = () => {
    const wanted = records.filter(isWanted)
    body.replaceChildren(...wanted.map(auditRow))
    count.replaceChildren(
      ...both(
        `载入 ${countText(records.length)} 条，相符 ${countText(wanted.length)} 条`,
        `of ${records.length} loaded, ${wanted.length} match`,
      ),
    )
  }
  const load = async () => {
    const before = records.at(-1)?.id
    try {
      const more = await getJson(`/api/audit?limit=${AT_ONCE}${before === undefined ? '' : `&before=${before}`}`)
      records = [...records, ...more.records]
      older.hidden = more.records.length < AT_ONCE
      trouble.hidden = true
      show()
      if (before !== undefined) announce(count.textContent)
    } catch (error) {
      trouble.hidden = false
      trouble.replaceChildren(...both(...errorWords(error)))
    }
  }
  for (const input of [actor, action]) input.addEventListener('input', show)
  older.addEventListener('click', load)
  load()
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
    make('div', { class: 'filter-row' }, field(['谁', 'Actor'], actor), field(['做了什么', 'Action'], action)),
    count,
    trouble,
    make('div', { class: 'table-holder' }, table),
    make('div', { class: 'actions' }, older),
  )
}
