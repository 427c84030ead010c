import { fromTemplate, setSymbol, setWords } from '../core/elements.js'
import { placeHref } from '../core/router.js'
import { agoWords, alarmWord, clockText, countText, STATE_WORDS, sceneWords } from '../core/words.js'
import { isLockedDown, LOCKDOWN_WORDS, REVOKED_WORDS } from '../device/lockdown.js'

/** A card that stays in place while its device changes, so that nobody loses the focus on it. */
export class DeviceCard {
  element = fromTemplate('device-template')
  view = null

  constructor(onChosen) {
    this.#only.addEventListener('click', () => onChosen(this.view.device))
  }

  get #link() {
    return this.element.querySelector('h3 a')
  }

  get #only() {
    return this.element.querySelector('.only')
  }

  show(view, nowMs) {
    this.view = view
    const { element } = this
    const state = STATE_WORDS[view.state] ?? STATE_WORDS.unknown
    const [sceneZh, sceneEn] = view.scene === null ? ['', ''] : sceneWords(view.scene)
    element.dataset.tone = state.tone
    this.#link.textContent = view.device
    this.#link.href = placeHref('devices', view.device)
    this.#only.setAttribute('aria-label', `只看 ${view.device} 的亮码 Only showings of ${view.device}`)
    setSymbol(element.querySelector('.state'), state.symbol)
    setWords(element.querySelector('.state .word'), state.zh, state.en)
    setWords(element.querySelector('.place'), [view.site, sceneZh].filter(part => part !== '').join(' · '), sceneEn)
    this.#showBanner(view)
    this.#figure('.backlog', view.backlog, view.backlog > 0)
    this.#figure('.stored', view.recordsStored, false)
    this.#figure('.gaps', view.gaps, view.gaps > 0)
    element.querySelector('.gaps-figure').hidden = view.gaps === 0
    this.#showLast(view.lastShowing, nowMs)
    this.#showAlarm(view.lastAlarm, nowMs)
    this.showAge(nowMs)
  }

  /** Time passes without events. */
  showAge(nowMs) {
    const { lastSeenMs } = this.view
    setWords(this.element.querySelector('.seen'), ...(lastSeenMs === null ? ['–', ''] : agoWords(lastSeenMs, nowMs)))
  }

  markChosen(isChosen) {
    this.#only.setAttribute('aria-pressed', String(isChosen))
    this.element.classList.toggle('chosen', isChosen)
  }

  #figure(selector, count, isNotable) {
    const figure = this.element.querySelector(selector)
    figure.textContent = countText(count)
    figure.classList.toggle('notable', isNotable)
  }

  /** Revoked says more than locked down. */
  #showBanner(view) {
    const banner = this.element.querySelector('.banner')
    const isRevoked = Boolean(view.revoked)
    banner.hidden = !isRevoked && !isLockedDown(view)
    setSymbol(banner, isRevoked ? 'cross' : 'lock')
    setWords(banner.querySelector('.text'), ...(isRevoked ? REVOKED_WORDS : LOCKDOWN_WORDS))
  }

  #showLast(showing, nowMs) {
    const last = this.element.querySelector('.last')
    last.hidden = showing === null
    if (showing === null) return
    last.dataset.signal = showing.signalColour
    setSymbol(last, showing.symbol)
    setWords(last.querySelector('.text'), `${clockText(showing.timeMs, nowMs)} ${showing.zh}`, showing.en)
  }

  #showAlarm(alarm, nowMs) {
    const line = this.element.querySelector('.alarm')
    line.hidden = alarm === null
    if (alarm === null) return
    line.querySelector('.text').textContent =
      `${alarmWord(alarm.kind)} ${clockText(alarm.timeMs, nowMs)} ${alarm.detail}`
  }
}
