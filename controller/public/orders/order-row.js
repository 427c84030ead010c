import { both, icon, make } from '../core/elements.js'
import { timeText } from '../core/words.js'
import { argsWords, isReport, orderWords, standing } from './order-words.js'

/** JSON of a report, laid out for eyes; whatever is none stays as it is. */
function laidOut(detail) {
  try {
    return JSON.stringify(JSON.parse(detail), null, 2)
  } catch {
    return detail
  }
}

function parts(command, nowMs) {
  const { zh, en, symbol } = standing(command, nowMs)
  const [orderZh, orderEn] = orderWords(command.name)
  const [argsZh] = argsWords(command.args)
  const { result } = command
  return [
    make(
      'p',
      { class: 'order-line' },
      make('strong', {}, both(argsZh === '' ? orderZh : `${orderZh} · ${argsZh}`, orderEn)),
      make('time', { datetime: new Date(command.issuedMs).toISOString() }, timeText(command.issuedMs)),
    ),
    make('p', { class: 'standing' }, icon(symbol), make('span', {}, both(zh, en))),
    make(
      'p',
      { class: 'soft' },
      `${command.issuedBy}：${command.purpose}`,
      result === null ? '' : ` · ${timeText(result.timeMs)}`,
    ),
    result !== null && isReport(result.detail)
      ? make('details', {}, make('summary', {}, both('报告', 'Report')), make('pre', {}, laidOut(result.detail)))
      : null,
  ].filter(part => part !== null)
}

/** One order and where it stands; it stays in place while that changes. */
export class OrderRow {
  element = make('li', { class: 'order' })
  #command = null
  #shown = ''

  show(command) {
    // an answer is never taken back: an older word may come after a newer one
    if (this.#command !== null && this.#command.result !== null && command.result === null) return
    this.#command = command
    this.showNow(Date.now())
  }

  /** Time passes without events. */
  showNow(nowMs) {
    const { tone, state } = standing(this.#command, nowMs)
    if (this.#shown === state) return
    this.#shown = state
    this.element.dataset.tone = tone
    this.element.dataset.state = state
    this.element.dataset.command = this.#command.id
    this.element.replaceChildren(...parts(this.#command, nowMs))
  }
}
