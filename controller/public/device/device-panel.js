import { getJson, getJsonUnasked, inPath } from '../core/api.js'
import { openDialog } from '../core/dialog.js'
import { both, make } from '../core/elements.js'
import { errorWords } from '../core/error-words.js'
import { may } from '../core/session.js'
import { told } from '../live/live-line.js'
import { knownView } from '../live/live-view.js'
import { openOrderDialog } from '../orders/order-dialog.js'
import { OrderFollower } from '../orders/order-follower.js'
import { OrderList } from '../orders/order-list.js'
import { ORDERS } from '../orders/order-words.js'
import { identityFacts } from './identity-facts.js'
import { nowFacts } from './now-facts.js'
import { orderButtons } from './order-buttons.js'
import { openRevokeDialog } from './revoke-dialog.js'
import { openSettingsDialog } from './settings-dialog.js'
import { settingsFacts } from './settings-facts.js'

/** Several events of a device within this are one question. */
const ASK_AFTER_MS = 500

function section([zh, en], ...parts) {
  return make('section', { class: 'part' }, make('h3', {}, both(zh, en)), parts)
}

function button(tone, words, onclick) {
  return make('button', { type: 'button', class: `button ${tone}`, onclick }, both(...words))
}

class DevicePanel {
  #device
  #now = make('div')
  #settings = make('div')
  #identity = make('div')
  #trouble = make('p', { class: 'error', role: 'alert', hidden: true })
  /** What nobody can do any more to a device that is revoked. */
  #actions = []
  #list = new OrderList()
  #follower
  #listening = new AbortController()
  #detail = null
  #asking = null

  constructor(device) {
    this.#device = device
    this.#follower = new OrderFollower(device, command => this.#list.show(command))
    const { signal } = this.#listening
    told.addEventListener('device', ({ detail }) => this.#hear(detail), { signal })
    told.addEventListener('up', () => this.#askSoon(), { signal })
  }

  fill(body) {
    const names = Object.keys(ORDERS).filter(name => may(ORDERS[name].permission))
    const orders = make(
      'div',
      { class: 'order-buttons' },
      orderButtons(names, name => this.#order(name)),
    )
    const change = button('plain', ['更改设定', 'Change settings'], () => this.#change())
    const revoke = button('danger', ['吊销设备', 'Revoke the device'], () => this.#revoke())
    const settingsActions = may('device:configure') ? [make('div', { class: 'actions' }, change)] : []
    const identityActions = may('device:revoke') ? [make('div', { class: 'actions' }, revoke)] : []
    this.#actions = [orders, ...settingsActions, ...identityActions]
    for (const action of this.#actions) action.hidden = true
    body.append(
      this.#trouble,
      section(['现状', 'Now'], this.#now),
      section(['指令', 'Commands'], orders, this.#list.element, this.#list.empty),
      section(['设定', 'Settings'], this.#settings, settingsActions),
      section(['身份', 'Identity'], this.#identity, identityActions),
    )
    const view = knownView(this.#device)
    if (view !== undefined) this.#now.replaceChildren(nowFacts(view, Date.now()))
    this.#ask()
    this.#follower.askAll()
  }

  stop() {
    this.#listening.abort()
    this.#follower.stop()
    this.#list.stop()
    clearTimeout(this.#asking)
  }

  #show(detail) {
    this.#detail = detail
    this.#now.replaceChildren(nowFacts(detail, Date.now()))
    this.#settings.replaceChildren(settingsFacts(detail))
    this.#identity.replaceChildren(identityFacts(detail, Date.now()))
    for (const action of this.#actions) action.hidden = detail.revoked !== null
  }

  async #ask(get = getJson) {
    try {
      const { device } = await get(`/api/devices/${inPath(this.#device)}`)
      this.#trouble.hidden = true
      this.#show(device)
    } catch (error) {
      this.#trouble.hidden = false
      this.#trouble.replaceChildren(...both(...errorWords(error)))
    }
  }

  #askSoon() {
    this.#asking ??= setTimeout(() => {
      this.#asking = null
      this.#ask(getJsonUnasked)
    }, ASK_AFTER_MS)
  }

  #hear(view) {
    if (view.device !== this.#device) return
    const detail = this.#detail
    // the list's view says less of these two
    if (detail !== null) this.#show({ ...detail, ...view, revoked: detail.revoked, reported: detail.reported })
    this.#askSoon()
  }

  #order(name) {
    const { site } = this.#detail
    openOrderDialog({ name, device: this.#device, site, onSent: command => this.#list.show(command) })
  }

  #change() {
    openSettingsDialog({ device: this.#device, view: this.#detail, onSet: () => this.#ask() })
  }

  #revoke() {
    openRevokeDialog({ device: this.#device, onRevoked: () => this.#ask() })
  }
}

/** Everything about one device, beside the page or over it; follows it while it is open. Returns `close`. */
export function openDevicePanel(device, onClosed) {
  const panel = new DevicePanel(device)
  return openDialog({
    title: [device, ''],
    kind: 'panel',
    fill: body => panel.fill(body),
    onClosed: () => {
      panel.stop()
      onClosed()
    },
  })
}
