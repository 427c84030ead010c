import { both, icon, make } from './elements.js'

let made = 0

/**
 * A modal dialog with its title and a way out; Esc closes it, and the focus goes back to where it was. `fill` is given the
 * body and `close`. Returns `close`.
 */
export function openDialog({ title: [zh, en], kind = 'sheet', fill, onClosed = () => {} }) {
  const titleId = `dialog-title-${++made}`
  const body = make('div', { class: 'dialog-body' })
  const title = make('h2', { id: titleId, tabindex: '-1' }, both(zh, en))
  const shut = make('button', { type: 'button', class: 'shut', 'aria-label': '关闭 Close' }, icon('cross'))
  const dialog = make(
    'dialog',
    { class: `dialog ${kind}`, 'aria-labelledby': titleId },
    make('header', { class: 'dialog-head' }, title, shut),
    body,
    make('p', { class: 'hidden said', role: 'status', 'aria-live': 'polite' }),
  )
  const close = () => dialog.close()
  shut.addEventListener('click', close)
  dialog.addEventListener('close', () => {
    dialog.remove()
    onClosed()
  })
  fill(body, close)
  document.body.append(dialog)
  dialog.showModal()
  const first = body.querySelector('[autofocus]') ?? title
  first.focus()
  return close
}
