import { sendingForm } from '../core/form.js'
import { proveSecondFactor } from '../core/session.js'
import { codeField, digitsOf } from './code-field.js'
import { goOn } from './go-on.js'

export function secondFactorStep(on) {
  const code = codeField()
  return sendingForm({
    parts: [code],
    submit: ['继续', 'Go on'],
    send: async typed => {
      try {
        await goOn(proveSecondFactor(digitsOf(typed.code)), on)
      } catch (error) {
        code.querySelector('input').select()
        throw error
      }
    },
  })
}
