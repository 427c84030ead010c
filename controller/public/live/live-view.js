import { announce } from '../core/announce.js'
import { setSymbol, setWords } from '../core/elements.js'
import { countText, LINK_WORDS, STATE_WORDS } from '../core/words.js'
import { DeviceCard } from './device-card.js'
import { fetchState, fetchSummary, told } from './live-line.js'
import { showingKey, showingRow } from './showing-row.js'

const MAX_SHOWINGS = 200
const MAX_ROWS = 60
const SUMMARY_EVERY_MS = 1000
const AGES_EVERY_MS = 5000

const byId = id => document.getElementById(id)
const cards = new Map()
let showings = []
let isPaused = false
let heldBack = 0
let isSummaryDue = false

const form = byId('filters')
const chosen = () => ({ device: form.elements.device.value, outcome: form.elements.outcome.value })
const isWanted = ({ device, outcome }, wanted = chosen()) =>
  (wanted.device === '' || wanted.device === device) && (wanted.outcome === '' || wanted.outcome === outcome)

/** What is known of a device now; undefined when it is not one of ours. */
export function knownView(device) {
  return cards.get(device)?.view
}

export function knownSites() {
  return [...new Set([...cards.values()].map(({ view }) => view.site))]
}

export function showLink(state) {
  const { zh, en, symbol } = LINK_WORDS[state]
  const link = byId('link')
  if (link.dataset.link === state) return
  link.dataset.link = state
  document.body.classList.toggle('disconnected', state === 'disconnected')
  setSymbol(link, symbol)
  setWords(link.querySelector('.word'), zh, en)
  announce(`${zh} ${en}`)
}

// ——— totals ———

function showTotals({ showings, records, gaps, duplicates }) {
  byId('total-showings').textContent = countText(showings)
  byId('total-records').textContent = countText(records)
  for (const [id, count] of [
    ['total-gaps', gaps],
    ['total-duplicates', duplicates],
  ]) {
    byId(id).textContent = count === 0 ? '0 ✓' : `${countText(count)} ⚠`
    byId(id).classList.toggle('notable', count > 0)
  }
}

function showDevicesUp() {
  const up = [...cards.values()].filter(({ view }) => view.state === 'ready' || view.state === 'alert').length
  byId('total-devices').textContent = `${up} / ${cards.size}`
}

function askSummarySoon() {
  if (isSummaryDue) return
  isSummaryDue = true
  setTimeout(async () => {
    isSummaryDue = false
    try {
      showTotals(await fetchSummary())
    } catch {
      showLink('disconnected') // the line's own retry brings the totals back
    }
  }, SUMMARY_EVERY_MS)
}

// ——— devices ———

function addDevice(device) {
  const card = new DeviceCard(chooseDevice)
  cards.set(device, card)
  byId('devices').append(card.element)
  byId('filter-device').append(new Option(device, device))
  return card
}

function showDevice(view) {
  const card = cards.get(view.device) ?? addDevice(view.device)
  const before = card.view?.state
  card.show(view, Date.now())
  card.markChosen(chosen().device === view.device)
  byId('devices-empty').hidden = true
  showDevicesUp()
  if (before === undefined || before === view.state || view.state === 'init') return
  const { zh, en } = STATE_WORDS[view.state] ?? STATE_WORDS.unknown
  announce(`${view.device} ${zh} ${en}`)
}

function chooseDevice(device) {
  const select = form.elements.device
  select.value = select.value === device ? '' : device
  showStream()
}

// ——— stream ———

function showStream() {
  const wanted = chosen()
  const nowMs = Date.now()
  const rows = showings.filter(showing => isWanted(showing, wanted)).slice(0, MAX_ROWS)
  byId('stream').replaceChildren(...rows.map(showing => showingRow(showing, nowMs)))
  byId('stream-empty').hidden = rows.length > 0
  for (const [device, card] of cards) card.markChosen(device === wanted.device)
  heldBack = 0
  showPause()
}

function showPause() {
  const button = byId('pause')
  button.setAttribute('aria-pressed', String(isPaused))
  if (isPaused) setWords(button, heldBack > 0 ? `继续 +${heldBack}` : '继续', 'Resume')
  else setWords(button, '暂停', 'Pause')
}

function addShowing(showing) {
  const key = showingKey(showing)
  if (showings.some(known => showingKey(known) === key)) return
  showings = [showing, ...showings].slice(0, MAX_SHOWINGS)
  if (!isWanted(showing)) return
  if (isPaused) {
    heldBack++
    showPause()
    return
  }
  const stream = byId('stream')
  const row = showingRow(showing, Date.now())
  row.classList.add('fresh')
  stream.prepend(row)
  while (stream.childElementCount > MAX_ROWS) stream.lastElementChild.remove()
  byId('stream-empty').hidden = true
}

// ——— start ———

/** Brings the page to what is now. */
export async function catchUp() {
  try {
    const state = await fetchState()
    showTotals(state.summary)
    for (const view of state.devices) showDevice(view)
    const known = new Set(state.showings.map(showingKey))
    showings = [...showings.filter(showing => !known.has(showingKey(showing))), ...state.showings]
      .sort((a, b) => b.receivedMs - a.receivedMs || b.seq - a.seq)
      .slice(0, MAX_SHOWINGS)
    if (!isPaused) showStream()
    showLink('live')
  } catch {
    showLink('disconnected') // the next opening of the line tries again
  }
}

/** Once, when the page starts. */
export function startLiveView() {
  form.addEventListener('change', showStream)
  form.addEventListener('submit', event => event.preventDefault())
  byId('pause').addEventListener('click', () => {
    isPaused = !isPaused
    showStream()
  })
  setInterval(() => {
    for (const card of cards.values()) card.showAge(Date.now())
  }, AGES_EVERY_MS)
  told.addEventListener('showing', ({ detail }) => {
    addShowing(detail)
    askSummarySoon()
  })
  told.addEventListener('device', ({ detail }) => {
    showDevice(detail)
    askSummarySoon()
  })
}
