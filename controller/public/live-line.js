/** Longer than two heartbeats of the server: then the line is dead, whatever the browser believes. */
const SILENCE_MS = 40_000
const RETRY_MS = 3000

async function getJson(path) {
  const response = await fetch(path, { headers: { accept: 'application/json' } })
  if (!response.ok) throw new Error(`${path}: ${response.status}`)
  return response.json()
}

/** The whole state, as it is now. */
export async function fetchState() {
  const [summary, { devices }, { showings }] = await Promise.all([
    getJson('/api/summary'),
    getJson('/api/devices'),
    getJson('/api/showings?limit=100'),
  ])
  return { summary, devices, showings }
}

export function fetchSummary() {
  return getJson('/api/summary')
}

/**
 * Keeps one event stream open, for ever. `onUp` after each opening: what happened in between is in `fetchState`.
 * `onDown` when it is lost; it comes back by itself.
 */
export function openLine({ onUp, onDown, onShowing, onDevice }) {
  const source = new EventSource('/api/events')
  let silence
  const reopen = () => {
    clearTimeout(silence)
    source.close()
    onDown()
    setTimeout(() => openLine({ onUp, onDown, onShowing, onDevice }), RETRY_MS)
  }
  const heard = () => {
    clearTimeout(silence)
    silence = setTimeout(reopen, SILENCE_MS)
  }
  source.addEventListener('open', () => {
    heard()
    onUp()
  })
  source.addEventListener('beat', heard)
  source.addEventListener('showing', event => {
    heard()
    onShowing(JSON.parse(event.data))
  })
  source.addEventListener('device', event => {
    heard()
    onDevice(JSON.parse(event.data))
  })
  source.addEventListener('error', reopen)
}
