const SVG = 'http://www.w3.org/2000/svg'
const KEPT = ['d', 'fill', 'stroke']

/**
 * A QR picture of the API as elements of this page: the page's policy lets no picture in by address. Only plain paths are
 * taken over, so that nothing else comes in with them.
 */
export function qrPicture(svgText, [zh, en]) {
  const source = new DOMParser().parseFromString(svgText, 'image/svg+xml').documentElement
  const picture = document.createElementNS(SVG, 'svg')
  picture.setAttribute('class', 'qr')
  picture.setAttribute('role', 'img')
  picture.setAttribute('aria-label', `${zh} ${en}`)
  picture.setAttribute('shape-rendering', 'crispEdges')
  picture.setAttribute('viewBox', source.getAttribute('viewBox') ?? '0 0 1 1')
  for (const path of source.querySelectorAll('path')) {
    const copy = document.createElementNS(SVG, 'path')
    for (const name of KEPT) if (path.hasAttribute(name)) copy.setAttribute(name, path.getAttribute(name))
    picture.append(copy)
  }
  return picture
}
