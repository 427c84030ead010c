import { getJson, inPath, sendJson } from '../core/api.js'
import { openDialog } from '../core/dialog.js'
import { both, make } from '../core/elements.js'
import { errorWords } from '../core/error-words.js'
import { choice, field, sendingForm, textInput } from '../core/form.js'
import { pageHead, rowOf, tableOf } from '../core/page-parts.js'
import { whoIsIn } from '../core/session.js'
import { ROLE_WORDS, roleWords, timeText } from '../core/words.js'
import { openSecretDialog } from './secret-dialog.js'

const COLUMNS = [
  ['名称', 'Name'],
  ['角色', 'Role'],
  ['状态', 'State'],
  ['', ''],
]
const ROLES = Object.entries(ROLE_WORDS).map(([role, words]) => [role, ...words])
const ONCE = [
  '把它当面或用另一条途径交给本人；第一次登录时必须改掉。',
  'Hand it over in person or by another way; it must be changed at the first log-in.',
]

function stateParts({ disabledMs, lockedUntilMs, mustChange, secondFactor }, nowMs) {
  const said = []
  if (disabledMs) said.push(['grey', '已停用', 'disabled'])
  if (lockedUntilMs && lockedUntilMs > nowMs) said.push(['red', `锁定至 ${timeText(lockedUntilMs)}`, 'locked'])
  if (mustChange) said.push(['yellow', '尚未改密码', 'password not changed yet'])
  if (secondFactor === false) said.push(['yellow', '无第二因素', 'no second factor'])
  if (said.length === 0) said.push(['green', '正常', 'in order'])
  return said.map(([tone, zh, en]) => make('span', { class: 'chip toned', 'data-tone': tone }, both(zh, en)))
}

/** Asks once more before somebody's access changes. */
function ask({ title, whose, says, submit, tone = 'main', parts = [], send }) {
  openDialog({
    title,
    kind: `confirm ${tone}`,
    fill: (body, close) =>
      body.append(
        sendingForm({
          parts: [
            make('p', { class: 'at' }, make('strong', {}, whose)),
            make('p', { class: 'says' }, both(...says)),
            parts,
          ],
          submit,
          tone,
          actions: [make('button', { type: 'button', class: 'button', onclick: close }, both('取消', 'Cancel'))],
          send: async typed => {
            const then = await send(typed)
            close()
            then?.()
          },
        }),
      ),
  })
}

const at = (name, what) => `/api/operators/${inPath(name)}/${what}`

function resetOperator(name, refresh) {
  ask({
    title: ['重置', 'Reset'],
    whose: name,
    says: [
      '旧密码和第二因素作废，会话结束；换成一个一次性密码。',
      'The password and the second factor are void, sessions end; there is a one-time password instead.',
    ],
    submit: ['重置', 'Reset'],
    tone: 'danger',
    send: async () => {
      const { oneTimePassword } = await sendJson('POST', at(name, 'reset'))
      await refresh()
      return () =>
        openSecretDialog({
          title: ['一次性密码', 'One-time password'],
          whose: name,
          secret: oneTimePassword,
          says: ONCE,
        })
    },
  })
}

function disableOperator(name, disabled, refresh) {
  ask({
    title: disabled ? ['停用', 'Disable'] : ['重新启用', 'Enable'],
    whose: name,
    says: disabled
      ? ['不能再登录，现有会话立即结束。', 'Can no longer log in; sessions end at once.']
      : ['可以用原来的密码和第二因素登录。', 'Can log in with password and second factor as before.'],
    submit: disabled ? ['停用', 'Disable'] : ['重新启用', 'Enable'],
    tone: disabled ? 'danger' : 'main',
    send: async () => {
      await sendJson('POST', at(name, 'disabled'), { disabled })
      await refresh()
    },
  })
}

function changeRole(name, role, refresh) {
  const roles = choice('role', ROLES)
  roles.value = role
  ask({
    title: ['更改角色', 'Change the role'],
    whose: name,
    says: [
      '立即生效，现有会话结束。没有一个角色能做所有的事。',
      'Takes effect at once; sessions end. No role may do everything.',
    ],
    parts: [field(['角色', 'Role'], roles)],
    submit: ['更改', 'Change'],
    send: async typed => {
      await sendJson('PUT', at(name, 'role'), { role: typed.role })
      await refresh()
    },
  })
}

function operatorRow(operator, refresh) {
  const { name, role } = operator
  const isDisabled = Boolean(operator.disabledMs)
  const button = (words, onclick, tone = '') =>
    make(
      'button',
      { type: 'button', class: `button ${tone}`, 'aria-label': `${name}：${words.join(' ')}`, onclick },
      both(...words),
    )
  const isSelf = name === whoIsIn()?.name
  const actions = isSelf
    ? make('span', { class: 'soft' }, both('您自己', 'yourself'))
    : make(
        'div',
        { class: 'actions' },
        button(['角色', 'Role'], () => changeRole(name, role, refresh)),
        button(['重置', 'Reset'], () => resetOperator(name, refresh)),
        button(isDisabled ? ['启用', 'Enable'] : ['停用', 'Disable'], () =>
          disableOperator(name, !isDisabled, refresh),
        ),
      )
  const cells = [make('strong', {}, name), both(...roleWords(role)), stateParts(operator, Date.now()), actions]
  return rowOf(COLUMNS, cells, { 'data-operator': name })
}

/** Who may log in, and as what. */
export function operatorsView() {
  const table = tableOf(COLUMNS, [], ['操作员', 'Operators'])
  const trouble = make('p', { class: 'error', role: 'alert', hidden: true })
  const refresh = async () => {
    try {
      const { operators } = await getJson('/api/operators')
      trouble.hidden = true
      table.tBodies[0].replaceChildren(...operators.map(operator => operatorRow(operator, refresh)))
    } catch (error) {
      trouble.hidden = false
      trouble.replaceChildren(...both(...errorWords(error)))
    }
  }
  const create = sendingForm({
    className: 'row',
    parts: [
      field(
        ['名称', 'Name'],
        textInput('name', {
          required: true,
          maxlength: '40',
          pattern: '[a-z0-9][a-z0-9._\\-]*',
          title: '小写字母、数字 . _ - small letters, digits . _ -',
        }),
      ),
      field(['角色', 'Role'], choice('role', ROLES)),
    ],
    submit: ['新建操作员', 'Create'],
    send: async ({ name, role }, form) => {
      const { oneTimePassword } = await sendJson('POST', '/api/operators', { name, role })
      form.reset()
      await refresh()
      openSecretDialog({ title: ['一次性密码', 'One-time password'], whose: name, secret: oneTimePassword, says: ONCE })
    },
  })
  refresh()
  return make(
    'div',
    { class: 'page-view' },
    pageHead(
      ['操作员', 'Operators'],
      ['谁能登录，以什么角色。没有一个角色能做所有的事。', 'Who may log in, and as what. No role may do everything.'],
    ),
    create,
    trouble,
    make('div', { class: 'table-holder' }, table),
  )
}
