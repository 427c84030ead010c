import { announce } from './announce.js'
import { both, make } from './elements.js'
import { errorWords } from './error-words.js'

let made = 0

/** A control with its name above it and, where it helps, a hint below. */
export function field([zh, en], control, hint = null) {
  control.id ||= `field-${++made}`
  const hintId = `${control.id}-hint`
  if (hint !== null) control.setAttribute('aria-describedby', hintId)
  return make(
    'div',
    { class: 'field' },
    make('label', { for: control.id }, both(zh, en)),
    control,
    hint === null ? null : make('p', { class: 'hint', id: hintId }, both(...hint)),
  )
}

export function textInput(name, attributes = {}) {
  return make('input', {
    name,
    type: 'text',
    autocomplete: 'off',
    autocapitalize: 'none',
    spellcheck: 'false',
    ...attributes,
  })
}

/** Choices: [value, zh, en]. */
export function choice(name, choices, attributes = {}) {
  return make(
    'select',
    { name, ...attributes },
    choices.map(([value, zh, en]) => make('option', { value }, `${zh} ${en}`.trim())),
  )
}

/** Why somebody does it: asked for wherever the audit log keeps it. */
export function purposeField() {
  const control = make('textarea', { name: 'purpose', required: true, rows: '2', minlength: '4', maxlength: '200' })
  return field(['事由', 'Purpose'], control, ['必填，写入审计日志', 'required; kept in the audit log'])
}

/**
 * A form that sends once at a time and says in words what was refused. `send` gets what was typed, by name, each in one line
 * without blanks at its ends unless it is a password; `actions` stand beside the button.
 */
export function sendingForm({ parts, submit, tone = 'main', send, actions = [], className = '' }) {
  const error = make('p', { class: 'error', role: 'alert', hidden: true })
  const button = make('button', { type: 'submit', class: `button ${tone}` }, both(...submit))
  const form = make(
    'form',
    { class: `form ${className}`.trim() },
    parts,
    error,
    make('div', { class: 'actions' }, button, actions),
  )
  const complain = words => {
    error.hidden = words === null
    if (words !== null) error.replaceChildren(...both(...words))
  }
  let isSending = false
  form.addEventListener('submit', async event => {
    event.preventDefault()
    if (isSending) return
    isSending = true
    complain(null)
    button.setAttribute('aria-busy', 'true')
    try {
      await send(typed(form), form)
    } catch (thrown) {
      complain(errorWords(thrown))
    } finally {
      isSending = false
      button.removeAttribute('aria-busy')
    }
  })
  return form
}

function typed(form) {
  const entries = [...form.elements]
    .filter(({ name }) => name !== '' && name !== undefined)
    .map(({ name, type, value }) => [name, type === 'password' ? value : value.trim().replace(/\s+/g, ' ')])
  return Object.fromEntries(entries)
}

/** Copies a text, and says so on the button itself. */
export function copyButton(text) {
  const button = make('button', { type: 'button', class: 'button' }, both('复制', 'Copy'))
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(text)
      button.replaceChildren(...both('已复制', 'Copied'))
      announce('已复制 Copied')
    } catch {
      button.replaceChildren(...both('请手动复制', 'Copy it by hand'))
    }
  })
  return button
}
