/** A fresh copy of a template's first element. */
export function fromTemplate(id) {
  return document.getElementById(id).content.firstElementChild.cloneNode(true)
}

/** Chinese, and English beside it in its own element, so that each is read in its language. */
export function setWords(element, zh, en) {
  const parts = [document.createTextNode(en === '' ? zh : `${zh} `)]
  if (en !== '') {
    const english = document.createElement('span')
    english.lang = 'en'
    english.textContent = en
    parts.push(english)
  }
  element.replaceChildren(...parts)
}

export function setSymbol(holder, symbol) {
  holder.querySelector('use').setAttribute('href', `#${symbol}`)
}
