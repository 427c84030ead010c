/** A fresh copy of a template's first element. */
export function fromTemplate(id) {
  return document.getElementById(id).content.firstElementChild.cloneNode(true)
}

/** An element with its attributes; `on…` are listeners, false and null are left out, texts and lists are children too. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value)
    else element.setAttribute(name, value === true ? '' : String(value))
  }
  element.append(...children.flat(2).filter(child => child !== null && child !== undefined))
  return element
}

/** Chinese, and English beside it in its own element, so that each is read in its language. */
export function both(zh, en) {
  return en === '' ? [zh] : [`${zh} `, make('span', { lang: 'en' }, en)]
}

export function setWords(element, zh, en) {
  element.replaceChildren(...both(zh, en))
}

const SVG = 'http://www.w3.org/2000/svg'

/** A sign of the sprite; it says nothing that a word beside it does not say. */
export function icon(symbol) {
  const svg = document.createElementNS(SVG, 'svg')
  svg.setAttribute('class', 'icon')
  svg.setAttribute('aria-hidden', 'true')
  const use = document.createElementNS(SVG, 'use')
  use.setAttribute('href', `#${symbol}`)
  svg.append(use)
  return svg
}

export function setSymbol(holder, symbol) {
  holder.querySelector('use').setAttribute('href', `#${symbol}`)
}

/** Pairs of a term and what is said of it; a description may be a text, an element or a list of both. */
export function factList(facts) {
  return make(
    'dl',
    { class: 'facts' },
    facts.map(([[zh, en], said]) => make('div', {}, make('dt', {}, both(zh, en)), make('dd', {}, said))),
  )
}
