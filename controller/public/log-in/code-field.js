import { field, textInput } from '../core/form.js'

/** Six digits of an authenticator; spaces are as good. */
export function codeField() {
  const input = textInput('code', {
    class: 'code',
    autocomplete: 'one-time-code',
    inputmode: 'numeric',
    pattern: '\\s*\\d{3}\\s*\\d{3}\\s*',
    maxlength: '9',
    required: true,
    autofocus: true,
    placeholder: '000000',
    title: '六位数字 six digits',
  })
  return field(['验证码', 'Code'], input, [
    '身份验证应用里现在显示的六位数',
    'the six digits your authenticator shows now',
  ])
}

export function digitsOf(typed) {
  return typed.replace(/\s/g, '')
}
