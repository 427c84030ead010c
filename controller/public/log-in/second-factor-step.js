import { sendingForm } from '../core/form.js'
import { proveSecondFactor } from '../core/session.js'
import { codeField, digitsOf } from './code-field.js'
import { orLost } from './or-lost.js'

export function secondFactorStep({ onStage, onLost }) {
  const code = codeField()
  return sendingForm({
    parts: [code],
    submit: ['继续', 'Go on'],
    send: async typed => {
      try {
        await onStage(await orLost(proveSecondFactor(digitsOf(typed.code)), onLost))
      } catch (error) {
        code.querySelector('input').select()
        throw error
      }
    },
  })
}
