import { getJsonUnasked } from '../core/api.js'
import { askSession } from '../core/session.js'

/** Longer than two heartbeats of the server: then the line is dead, whatever the browser believes. */
const SILENCE_MS = 40_000
const RETRY_MS = 3000
const TOLD = ['showing', 'device', 'command']

/** What comes over the line, for every part of the page: events `showing`, `device`, `command`, with what is told as detail. */
export const told = new EventTarget()

/** The whole state, as it is now. */
export async function fetchState() {
  const [summary, { devices }, { showings }] = await Promise.all([
    getJsonUnasked('/api/summary'),
    getJsonUnasked('/api/devices'),
    getJsonUnasked('/api/showings?limit=100'),
  ])
  return { summary, devices, showings }
}

export function fetchSummary() {
  return getJsonUnasked('/api/summary')
}

/**
 * Keeps one event stream open until it is closed, or until nobody is logged in any more. `onUp` after each opening: what
 * happened in between is in `fetchState`. `onDown` when it is lost; it comes back by itself.
 */
export class LiveLine {
  #source = null
  #silence
  #retry
  #on

  constructor(on) {
    this.#on = on
  }

  open() {
    this.close()
    const source = new EventSource('/api/events')
    this.#source = source
    source.addEventListener('open', () => {
      this.#heard()
      this.#on.onUp()
    })
    source.addEventListener('beat', () => this.#heard())
    for (const kind of TOLD)
      source.addEventListener(kind, event => {
        this.#heard()
        told.dispatchEvent(new CustomEvent(kind, { detail: JSON.parse(event.data) }))
      })
    source.addEventListener('error', () => this.#lost())
  }

  close() {
    clearTimeout(this.#silence)
    clearTimeout(this.#retry)
    this.#source?.close()
    this.#source = null
  }

  #heard() {
    clearTimeout(this.#silence)
    this.#silence = setTimeout(() => this.#lost(), SILENCE_MS)
  }

  /** An event stream does not tell why it was refused, so the session is asked for. */
  async #lost() {
    this.close()
    this.#on.onDown()
    this.#retry = setTimeout(() => this.open(), RETRY_MS)
    const retry = this.#retry
    try {
      const session = await askSession(getJsonUnasked)
      if (session?.stage === 'full' || this.#retry !== retry) return
      this.close()
      this.#on.onNobody()
    } catch {
      this.#on.onDown() // not reached: the next try tells
    }
  }
}
