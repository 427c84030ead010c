/* Where one is: `#/devices/hall-door-1` is ['devices', 'hall-door-1']; anything that does not begin with `#/` is no place. */

export function place() {
  if (!location.hash.startsWith('#/')) return []
  return location.hash
    .slice(2)
    .split('/')
    .filter(part => part !== '')
    .map(part => decodeURIComponent(part))
}

export function placeHref(...parts) {
  return `#/${parts.map(part => encodeURIComponent(part)).join('/')}`
}

export function go(...parts) {
  location.hash = placeHref(...parts)
}

export function onPlace(listener) {
  addEventListener('hashchange', () => {
    if (location.hash === '' || location.hash.startsWith('#/')) listener(place())
  })
}
