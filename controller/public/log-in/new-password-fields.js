import { both, make } from '../core/elements.js'
import { field, textInput } from '../core/form.js'

/** Of the centre's PEOPLE_LIMITS. */
const LEAST_CHARS = 12
const MOST_CHARS = 200

const RULES = [
  [
    `至少 ${LEAST_CHARS} 个字符；一句只有您知道的话最好`,
    `at least ${LEAST_CHARS} signs; a sentence only you know is best`,
  ],
  [
    '不必有大小写、数字或符号，也不会要求定期更换',
    'no capitals, digits or symbols needed, and it never has to be changed by date',
  ],
  ['不能与旧密码相同，不能含有您的登录名称', 'not the old one, and not with your name in it'],
]

/** Rules, and a new password typed twice. `read` gives it, or null where the two differ. */
export function newPasswordFields(name) {
  const fresh = { autocomplete: 'new-password', required: true, minlength: LEAST_CHARS, maxlength: MOST_CHARS }
  const first = textInput('password', { type: 'password', ...fresh })
  const second = textInput('again', { type: 'password', ...fresh })
  const show = make('input', { type: 'checkbox', id: 'show-password' })
  show.addEventListener('change', () => {
    for (const input of [first, second]) input.type = show.checked ? 'text' : 'password'
  })
  const compare = () => second.setCustomValidity(second.value === first.value ? '' : '两次输入不同 The two differ')
  for (const input of [first, second]) input.addEventListener('input', compare)
  // for password keepers: they store a password beside a name
  const whose = make('input', {
    class: 'hidden',
    type: 'text',
    autocomplete: 'username',
    value: name,
    readonly: true,
    tabindex: '-1',
    'aria-hidden': 'true',
  })
  return {
    read: () => (first.value === second.value ? first.value : null),
    rules: make(
      'ul',
      { class: 'rules' },
      RULES.map(rule => make('li', {}, both(...rule))),
    ),
    fields: [
      whose,
      field(['新密码', 'New password'], first),
      field(['再输一遍', 'Once more'], second),
      make('label', { class: 'tick', for: 'show-password' }, show, make('span', {}, both('显示密码', 'Show it'))),
    ],
  }
}
