import { auditView } from './audit/audit-view.js'
import { lookUpView } from './audit/look-up-view.js'
import { both, make } from './core/elements.js'
import { go, onPlace, place, placeHref } from './core/router.js'
import { may } from './core/session.js'
import { openDevicePanel } from './device/device-panel.js'
import { openEnrolmentDialog } from './enrolment/enrolment-dialog.js'
import { operatorsView } from './people/operators-view.js'
import { tokensView } from './people/tokens-view.js'

/** Pages of their own; the live page is the one without a name. */
const PAGES = {
  'look-up': { words: ['查询', 'Look-up'], permission: 'showing:look-up', view: lookUpView },
  audit: { words: ['审计', 'Audit'], permission: 'audit:read', view: auditView },
  operators: { words: ['操作员', 'Operators'], permission: 'operator:manage', view: operatorsView },
  tokens: { words: ['令牌', 'Tokens'], permission: 'token:manage', view: tokensView },
}

const live = document.getElementById('live')
const other = document.getElementById('other')
const nav = document.getElementById('places')

/** What is open over the live page: {key, close}. */
let over = null
let shown = ''

const pageOf = name => (Object.hasOwn(PAGES, name) && may(PAGES[name].permission) ? PAGES[name] : null)

function showPage(name) {
  const page = pageOf(name)
  live.hidden = page !== null
  other.hidden = page === null
  for (const link of nav.querySelectorAll('a'))
    if (link.dataset.place === (page === null ? '' : name)) link.setAttribute('aria-current', 'page')
    else link.removeAttribute('aria-current')
  if (shown === name) return
  shown = name
  other.replaceChildren()
  if (page === null) return
  other.replaceChildren(page.view())
  other.querySelector('h2').focus()
  scrollTo(0, 0)
}

/** The dialog that belongs to a place: {key, open}, or null. */
function dialogOf([first, second]) {
  if (first === 'devices' && second !== undefined)
    return { key: `devices/${second}`, open: onClosed => openDevicePanel(second, onClosed) }
  if (first === 'enrol' && may('device:enrol')) return { key: 'enrol', open: openEnrolmentDialog }
  return null
}

function openOver({ key, open }) {
  const close = open(() => {
    // closed by hand, and not because the place has changed
    if (over?.key !== key) return
    over = null
    go()
  })
  over = { key, close }
}

/** Brings the page to a place; what is there already stays as it is. */
export function showPlace(parts) {
  const dialog = dialogOf(parts)
  if (over !== null && over.key !== dialog?.key) {
    const { close } = over
    over = null
    close()
  }
  showPage(pageOf(parts[0] ?? '') === null ? '' : parts[0])
  if (dialog !== null && over === null) openOver(dialog)
}

/** Once, when it is known who is here. */
export function followPlaces() {
  const links = [
    ['', ['实时', 'Live']],
    ...Object.entries(PAGES).flatMap(([name, { words }]) => (pageOf(name) ? [[name, words]] : [])),
  ]
  nav.hidden = links.length === 1
  nav.append(
    ...links.map(([name, words]) =>
      make('a', { href: name === '' ? placeHref() : placeHref(name), 'data-place': name }, both(...words)),
    ),
  )
  onPlace(showPlace)
  showPlace(place())
}
