import { getJson, inPath, sendJson } from '../core/api.js'
import { both, make } from '../core/elements.js'
import { errorWords } from '../core/error-words.js'
import { field, sendingForm, textInput } from '../core/form.js'
import { pageHead, rowOf, tableOf } from '../core/page-parts.js'
import { timeText } from '../core/words.js'
import { openSecretDialog } from './secret-dialog.js'

const COLUMNS = [
  ['名称', 'Name'],
  ['创建', 'Created'],
  ['有效至', 'Good until'],
  ['', ''],
]
const SAYS = [
  '用作 API 的 Bearer 令牌，或 MQTT 只读账号的密码（用户名就是令牌名称）。',
  'A Bearer token of the API, and the password of a read-only MQTT account whose user name is the token’s name.',
]

function tokenState({ expiresMs, revokedMs }, nowMs) {
  if (revokedMs) return make('span', { class: 'chip toned', 'data-tone': 'red' }, both('已作废', 'revoked'))
  if (!expiresMs) return both('无期限', 'no end')
  if (expiresMs <= nowMs) return make('span', { class: 'chip toned', 'data-tone': 'grey' }, both('已过期', 'expired'))
  return timeText(expiresMs)
}

function tokenRow(token, onRevoke) {
  const isOver = Boolean(token.revokedMs) || (Boolean(token.expiresMs) && token.expiresMs <= Date.now())
  const revoke = isOver
    ? ''
    : make(
        'button',
        {
          type: 'button',
          class: 'button',
          'aria-label': `作废 ${token.name} Revoke ${token.name}`,
          onclick: () => onRevoke(token.name),
        },
        both('作废', 'Revoke'),
      )
  const cells = [
    make('strong', {}, token.name),
    [timeText(token.createdMs), ` · ${token.operator}`],
    tokenState(token, Date.now()),
    revoke,
  ]
  return rowOf(COLUMNS, cells, { 'data-token': token.name })
}

/** Tokens of programs: they may read what a viewer may, and nothing else. */
export function tokensView() {
  const table = tableOf(COLUMNS, [], ['令牌', 'Tokens'])
  const trouble = make('p', { class: 'error', role: 'alert', hidden: true })
  const guarded = async act => {
    try {
      trouble.hidden = true
      await act()
    } catch (error) {
      trouble.hidden = false
      trouble.replaceChildren(...both(...errorWords(error)))
    }
  }
  const refresh = async () => {
    const { tokens } = await getJson('/api/tokens')
    table.tBodies[0].replaceChildren(...tokens.map(token => tokenRow(token, revoke)))
  }
  const revoke = name =>
    guarded(async () => {
      await sendJson('DELETE', `/api/tokens/${inPath(name)}`)
      await refresh()
    })
  const create = sendingForm({
    className: 'row',
    parts: [
      field(
        ['名称', 'Name'],
        textInput('name', {
          required: true,
          maxlength: '40',
          pattern: '[a-z0-9][a-z0-9\\-]*',
          title: '小写字母、数字、- small letters, digits, -',
        }),
      ),
      field(
        ['有效天数', 'Days'],
        textInput('days', { type: 'number', inputmode: 'numeric', min: '1', max: '365', value: '90' }),
      ),
    ],
    submit: ['新建令牌', 'Create'],
    send: async ({ name, days }, form) => {
      const { token } = await sendJson('POST', '/api/tokens', { name, ...(days === '' ? {} : { days: Number(days) }) })
      form.reset()
      await guarded(refresh)
      openSecretDialog({ title: ['令牌', 'Token'], whose: name, secret: token, says: SAYS })
    },
  })
  guarded(refresh)
  return make(
    'div',
    { class: 'page-view' },
    pageHead(['令牌', 'Tokens'], SAYS),
    create,
    trouble,
    make('div', { class: 'table-holder' }, table),
  )
}
