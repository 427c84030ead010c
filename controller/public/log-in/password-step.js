import { field, sendingForm, textInput } from '../core/form.js'
import { logIn } from '../core/session.js'

export function passwordStep({ onStage }) {
  const password = textInput('password', {
    type: 'password',
    autocomplete: 'current-password',
    required: true,
    maxlength: '200',
  })
  return sendingForm({
    parts: [
      field(['名称', 'Name'], textInput('name', { autocomplete: 'username', required: true, maxlength: '64' })),
      field(['密码', 'Password'], password),
    ],
    submit: ['登录', 'Log in'],
    send: async ({ name, password: typed }) => {
      try {
        await onStage(await logIn(name, typed))
      } catch (error) {
        password.value = ''
        password.focus()
        throw error
      }
    },
  })
}
