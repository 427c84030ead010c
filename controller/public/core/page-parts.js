import { both, make } from './elements.js'

/** Heading of a page of its own, and what it is for; the focus comes here when one arrives. */
export function pageHead([zh, en], says) {
  return [
    make('h2', { class: 'page-title', tabindex: '-1' }, both(zh, en)),
    make('p', { class: 'page-says' }, both(...says)),
  ]
}

/** A table whose cells know the name of their column, so that it can stand upright on a narrow screen. */
export function tableOf(columns, rows, caption) {
  return make(
    'table',
    { class: 'table' },
    make('caption', { class: 'hidden' }, caption.join(' ')),
    make(
      'thead',
      {},
      make(
        'tr',
        {},
        columns.map(words => make('th', { scope: 'col' }, both(...words))),
      ),
    ),
    make('tbody', {}, rows),
  )
}

export function rowOf(columns, cells, attributes = {}) {
  return make(
    'tr',
    attributes,
    cells.map((cell, place) =>
      make('td', { 'data-column': columns[place].join(' ').trim(), 'data-empty': cell === '' }, make('div', {}, cell)),
    ),
  )
}
