import { both, make } from '../core/elements.js'
import { errorWords } from '../core/error-words.js'
import { minutesText, timeText } from '../core/words.js'

/** Codes that can still be used; `onWithdraw` may throw. */
export function openCodes(onWithdraw) {
  const trouble = make('p', { class: 'error', role: 'alert', hidden: true })
  const list = make('ul', { class: 'open-codes' })
  const empty = make('p', { class: 'empty small' }, both('没有', 'none'))
  const complain = words => {
    trouble.hidden = words === null
    if (words !== null) trouble.replaceChildren(...both(...words))
  }
  const rows = new Map()
  const keyOf = ({ device, createdMs }) => `${device} ${createdMs}`

  const rowOf = ({ site, device, createdBy, createdMs }) => {
    const left = make('span', { class: 'left' })
    const withdraw = make(
      'button',
      { type: 'button', class: 'button', 'aria-label': `撤回 ${device} 的码 Withdraw the code of ${device}` },
      both('撤回', 'Withdraw'),
    )
    withdraw.addEventListener('click', async () => {
      try {
        complain(null)
        await onWithdraw(device)
      } catch (error) {
        complain(errorWords(error))
      }
    })
    const who = make('span', { class: 'soft' }, `${site} · ${createdBy} · ${timeText(createdMs)}`)
    const element = make('li', {}, make('strong', {}, device), left, who, withdraw)
    return { element, left }
  }

  return {
    element: make('section', { class: 'part' }, make('h3', {}, both('未用的码', 'Open codes')), trouble, list, empty),
    complain,
    show: (codes, nowMs) => {
      complain(null)
      const open = codes.filter(({ usedMs, expiresMs }) => usedMs === null && expiresMs > nowMs)
      const keys = new Set(open.map(keyOf))
      for (const [key, { element }] of rows)
        if (!keys.has(key)) {
          element.remove()
          rows.delete(key)
        }
      for (const code of open) {
        const key = keyOf(code)
        if (!rows.has(key)) {
          const row = rowOf(code)
          rows.set(key, row)
          list.prepend(row.element)
        }
        rows.get(key).left.replaceChildren(...both(`还有 ${minutesText(code.expiresMs - nowMs)}`, 'left'))
      }
      empty.hidden = open.length > 0
    },
  }
}
