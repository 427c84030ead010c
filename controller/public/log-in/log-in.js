import { both, make } from '../core/elements.js'
import { errorWords } from '../core/error-words.js'
import { askSession } from '../core/session.js'
import { changePasswordStep } from './change-password-step.js'
import { passwordStep } from './password-step.js'
import { secondFactorSetUpStep } from './second-factor-set-up-step.js'
import { secondFactorStep } from './second-factor-step.js'

const STEPS = {
  none: { title: ['登录', 'Log in'], form: passwordStep },
  'change-password': { title: ['设定自己的密码', 'Choose your own password'], form: changePasswordStep },
  'set-up-second-factor': { title: ['设置第二因素', 'Set up the second factor'], form: secondFactorSetUpStep },
  'second-factor': { title: ['验证码', 'Second factor'], form: secondFactorStep },
}

const ENDED = [
  '会话已结束。重新登录后，您会回到刚才的位置。',
  'The session has ended. Log in again and you are where you were.',
]
const TIMED_OUT = ['登录中断，请从头开始', 'The log-in was interrupted; begin again']

/**
 * Lies over everything, dialogs too, and leaves it as it is: whoever comes back finds what they were doing. `onFull` is
 * called when somebody has come through every stage.
 */
export class LogIn {
  #dialog = document.getElementById('log-in')
  #title = document.getElementById('log-in-title')
  #notice = document.getElementById('log-in-notice')
  #step = document.getElementById('log-in-step')
  #isThrough = false
  #onFull

  constructor(onFull) {
    this.#onFull = onFull
    this.#dialog.addEventListener('cancel', event => event.preventDefault())
    this.#dialog.addEventListener('keydown', event => {
      if (event.key === 'Escape') event.preventDefault()
    })
    // a browser may find another way to close it
    this.#dialog.addEventListener('close', () => {
      if (!this.#isThrough) this.#dialog.showModal()
    })
  }

  get isOpen() {
    return this.#dialog.open
  }

  /** Goes on from wherever the session stands. */
  async begin() {
    try {
      await this.#show(await askSession())
    } catch (error) {
      this.#open()
      this.#say(errorWords(error))
      this.#step.replaceChildren(this.#againButton())
    }
  }

  /** The session ended while somebody was at work. */
  async askAgain() {
    if (this.isOpen) return
    await this.#show(null)
    this.#say(ENDED)
  }

  async #show(session) {
    if (session?.stage === 'full') {
      this.#isThrough = true
      if (this.isOpen) this.#dialog.close()
      this.#step.replaceChildren()
      this.#onFull()
      return
    }
    this.#open()
    this.#say(null)
    const { title, form } = STEPS[session?.stage ?? 'none']
    this.#title.replaceChildren(...both(...title))
    const onLost = async () => {
      await this.#show(null)
      this.#say(TIMED_OUT)
    }
    const element = await form({ name: session?.name ?? '', onStage: next => this.#show(next), onLost })
    this.#step.replaceChildren(element)
    element.querySelector('input:not([type=hidden]):not([readonly])')?.focus()
  }

  #open() {
    this.#isThrough = false
    if (!this.isOpen) this.#dialog.showModal()
  }

  #say(words) {
    this.#notice.hidden = words === null
    if (words !== null) this.#notice.replaceChildren(...both(...words))
  }

  #againButton() {
    const again = make('button', { type: 'button', class: 'button main' }, both('重试', 'Try again'))
    again.addEventListener('click', () => this.begin())
    return make('div', { class: 'actions' }, again)
  }
}
