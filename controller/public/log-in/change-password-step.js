import { ApiError } from '../core/api.js'
import { both, make } from '../core/elements.js'
import { field, sendingForm, textInput } from '../core/form.js'
import { changePassword } from '../core/session.js'
import { orLost } from './or-lost.js'

export const LEAST_PASSWORD_CHARS = 12

const RULES = [
  [
    `至少 ${LEAST_PASSWORD_CHARS} 个字符；一句只有您知道的话最好`,
    `at least ${LEAST_PASSWORD_CHARS} signs; a sentence only you know is best`,
  ],
  [
    '不必有大小写、数字或符号，也不会要求定期更换',
    'no capitals, digits or symbols needed, and it never has to be changed by date',
  ],
  ['不能与旧密码相同，不能含有您的登录名称', 'not the old one, and not with your name in it'],
]

export function changePasswordStep({ name, onStage, onLost }) {
  const fresh = { autocomplete: 'new-password', required: true, minlength: LEAST_PASSWORD_CHARS, maxlength: '200' }
  const first = textInput('password', { type: 'password', ...fresh })
  const second = textInput('again', { type: 'password', ...fresh })
  const show = make('input', { type: 'checkbox', id: 'show-password' })
  show.addEventListener('change', () => {
    for (const input of [first, second]) input.type = show.checked ? 'text' : 'password'
  })
  const clash = () => second.setCustomValidity(second.value === first.value ? '' : '两次输入不同 The two differ')
  for (const input of [first, second]) input.addEventListener('input', clash)
  return sendingForm({
    parts: [
      make(
        'ul',
        { class: 'rules' },
        RULES.map(rule => make('li', {}, both(...rule))),
      ),
      // for password keepers: they store a password beside a name
      make('input', {
        class: 'hidden',
        type: 'text',
        autocomplete: 'username',
        value: name,
        readonly: true,
        tabindex: '-1',
        'aria-hidden': 'true',
      }),
      field(['新密码', 'New password'], first),
      field(['再输一遍', 'Once more'], second),
      make('label', { class: 'tick', for: 'show-password' }, show, make('span', {}, both('显示密码', 'Show it'))),
    ],
    submit: ['保存密码', 'Save the password'],
    send: async () => {
      if (first.value !== second.value) throw new ApiError(400, 'passwords-differ', '')
      await onStage(await orLost(changePassword(first.value), onLost))
    },
  })
}
