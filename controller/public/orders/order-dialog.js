import { announce } from '../core/announce.js'
import { inPath, sendJson } from '../core/api.js'
import { openDialog } from '../core/dialog.js'
import { both, icon, make } from '../core/elements.js'
import { choice, field, purposeField, sendingForm, textInput } from '../core/form.js'
import { whoIsIn } from '../core/session.js'
import { timeText } from '../core/words.js'
import { OrderFollower } from './order-follower.js'
import { OrderRow } from './order-row.js'
import { ORDERS, standing } from './order-words.js'
import { armed } from './second-press.js'

const MOST_SECONDS = 30
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent']

function argFields(name) {
  if (name === 'open-once') {
    const bounds = { type: 'number', inputmode: 'numeric', min: '1', max: String(MOST_SECONDS), step: '1', value: '3' }
    const input = textInput('seconds', { ...bounds, required: true })
    return [field(['开门几秒', 'Seconds open'], input, [`1 到 ${MOST_SECONDS}`, `1 to ${MOST_SECONDS}`])]
  }
  if (name === 'set-log-level') {
    const levels = LOG_LEVELS.map(level => [level, level, ''])
    return [field(['日志级别', 'Log level'], choice('level', levels, { required: true }))]
  }
  return []
}

function readArgs(name, typed) {
  if (name === 'open-once') return { seconds: Number(typed.seconds) }
  return name === 'set-log-level' ? { level: typed.level } : {}
}

/** The order that was sent, in place of the form; follows it in words and aloud. Returns what hears of it. */
function showSent(body, command, close) {
  const row = new OrderRow()
  const until = make('p', { class: 'soft' }, both(`有效至 ${timeText(command.expiresMs)}`, 'valid until then'))
  const show = now => {
    row.show(now)
    until.hidden = now.result !== null
    const { zh, en } = standing(now, Date.now())
    announce(`${zh} ${en}`)
  }
  const shut = make('button', { type: 'button', class: 'button main', onclick: close }, both('关闭', 'Close'))
  body.replaceChildren(make('ol', { class: 'orders' }, row.element), until, make('div', { class: 'actions' }, shut))
  show(command)
  shut.focus()
  return { show, tick: () => row.showNow(Date.now()) }
}

/**
 * Says exactly what will happen at which device, asks why, and sends; then shows what comes of it. `onSent` is given the
 * order once it is sent.
 */
export function openOrderDialog({ name, device, site, onSent }) {
  const order = ORDERS[name]
  let sent = null
  const follower = new OrderFollower(device, command => {
    if (command.id === sent?.id) sent.show(command)
  })
  const ticking = setInterval(() => sent?.tick(), 1000)
  const send = async (typed, body, close) => {
    const asked = { name, args: readArgs(name, typed), purpose: typed.purpose }
    const { id, expiresMs } = await sendJson('POST', `/api/devices/${inPath(device)}/commands`, asked)
    const issued = { issuedMs: Date.now(), expiresMs, issuedBy: whoIsIn()?.name ?? '', result: null }
    const command = follower.newest({ id, device, ...asked, ...issued })
    sent = { id, ...showSent(body, command, close) }
    onSent(command)
  }
  openDialog({
    title: order.words,
    kind: `confirm ${order.tone}`,
    onClosed: () => {
      follower.stop()
      clearInterval(ticking)
    },
    fill: (body, close) => {
      const form = sendingForm({
        parts: [
          make('p', { class: 'at' }, icon(order.symbol), make('strong', {}, device), make('span', {}, site)),
          make('p', { class: 'says' }, both(...order.says(device))),
          argFields(name),
          purposeField(),
        ],
        submit: order.words,
        tone: order.tone,
        actions: [make('button', { type: 'button', class: 'button', onclick: close }, both('取消', 'Cancel'))],
        send: typed => send(typed, body, close),
      })
      body.append(order.opens === true ? armed(form) : form)
    },
  })
}
