import { ApiError } from '../core/api.js'
import { sendingForm } from '../core/form.js'
import { changePassword } from '../core/session.js'
import { goOn } from './go-on.js'
import { newPasswordFields } from './new-password-fields.js'

export function changePasswordStep({ name, ...on }) {
  const { rules, fields, read } = newPasswordFields(name)
  return sendingForm({
    parts: [rules, fields],
    submit: ['保存密码', 'Save the password'],
    send: () => {
      const password = read()
      if (password === null) throw new ApiError(400, 'passwords-differ', '')
      return goOn(changePassword(password), on)
    },
  })
}
