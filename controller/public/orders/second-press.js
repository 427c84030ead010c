import { announce } from '../core/announce.js'
import { both } from '../core/elements.js'

/** A double click is one press. */
const LEAST_MS = 600
const ARMED_MS = 8000
const AGAIN = ['再按一次，立即开门', 'Press again: it opens now']

/** A form that is sent by the second of two deliberate presses; after a while it is as if there had been none. */
export function armed(form) {
  const button = form.querySelector('button[type=submit]')
  const words = [...button.childNodes]
  let armedAt = null
  let disarming
  const disarm = () => {
    clearTimeout(disarming)
    armedAt = null
    button.classList.remove('armed')
    button.replaceChildren(...words)
  }
  form.addEventListener(
    'submit',
    event => {
      const now = performance.now()
      if (armedAt !== null && now - armedAt >= LEAST_MS) return disarm()
      event.preventDefault()
      event.stopImmediatePropagation()
      if (armedAt !== null) return
      armedAt = now
      button.classList.add('armed')
      button.replaceChildren(...both(...AGAIN))
      announce(AGAIN.join(' '))
      disarming = setTimeout(disarm, ARMED_MS)
    },
    { capture: true },
  )
  form.addEventListener('input', () => {
    if (armedAt !== null) disarm()
  })
  return form
}
