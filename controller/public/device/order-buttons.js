import { both, icon, make } from '../core/elements.js'
import { ORDERS } from '../orders/order-words.js'

/** A button for each order; those that let somebody in look like nothing else. */
export function orderButtons(names, onOrder) {
  return names.map(name => {
    const { words, symbol, tone } = ORDERS[name]
    const attributes = { type: 'button', class: `button ${tone}`, 'data-order': name, onclick: () => onOrder(name) }
    return make('button', attributes, icon(symbol), make('span', {}, both(...words)))
  })
}
