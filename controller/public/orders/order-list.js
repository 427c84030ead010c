import { both, make } from '../core/elements.js'
import { OrderRow } from './order-row.js'

const SHOWN = 10
const AGES_EVERY_MS = 1000

/** The newest orders of one device, each followed until it is answered or over. */
export class OrderList {
  element = make('ol', { class: 'orders', 'aria-label': '最近的指令 Recent commands' })
  empty = make('p', { class: 'empty small' }, both('还没有指令', 'No commands yet'))
  #rows = new Map()
  #ages

  constructor() {
    this.#ages = setInterval(() => {
      for (const row of this.#rows.values()) row.showNow(Date.now())
    }, AGES_EVERY_MS)
  }

  stop() {
    clearInterval(this.#ages)
  }

  showAll(commands) {
    for (const command of [...commands].sort((a, b) => a.issuedMs - b.issuedMs).slice(-SHOWN)) this.show(command)
    this.empty.hidden = this.#rows.size > 0
  }

  show(command) {
    let row = this.#rows.get(command.id)
    if (row === undefined) {
      row = new OrderRow()
      this.#rows.set(command.id, row)
      this.element.prepend(row.element)
      if (this.element.childElementCount > SHOWN) this.#dropOldest()
    }
    row.show(command)
    this.empty.hidden = true
  }

  #dropOldest() {
    const oldest = this.element.lastElementChild
    oldest.remove()
    this.#rows.delete(oldest.dataset.command)
  }
}
