import { announce } from '../core/announce.js'
import { ApiError } from '../core/api.js'
import { openDialog } from '../core/dialog.js'
import { both, make } from '../core/elements.js'
import { field, sendingForm, textInput } from '../core/form.js'
import { changePassword, whoIsIn } from '../core/session.js'
import { newPasswordFields } from '../log-in/new-password-fields.js'

const DONE = ['密码已更改，您的其他会话已结束。', 'The password is changed; your other sessions have ended.']

/** Whoever is logged in changes their own password, with the one they have. */
export function openOwnPasswordDialog() {
  const { rules, fields, read } = newPasswordFields(whoIsIn().name)
  const current = textInput('current', {
    type: 'password',
    autocomplete: 'current-password',
    required: true,
    maxlength: '200',
    autofocus: true,
  })
  openDialog({
    title: ['更改密码', 'Change your password'],
    kind: 'confirm',
    fill: (body, close) =>
      body.append(
        sendingForm({
          parts: [rules, field(['现用密码', 'Current password'], current), fields],
          submit: ['保存密码', 'Save the password'],
          actions: [make('button', { type: 'button', class: 'button', onclick: close }, both('取消', 'Cancel'))],
          send: async () => {
            const password = read()
            if (password === null) throw new ApiError(400, 'passwords-differ', '')
            await changePassword(password, current.value)
            close()
            announce(DONE.join(' '))
          },
        }),
      ),
  })
}
