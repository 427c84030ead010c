import { inPath, sendJson } from '../core/api.js'
import { openDialog } from '../core/dialog.js'
import { both, make } from '../core/elements.js'
import { choice, field, purposeField, sendingForm, textInput } from '../core/form.js'
import { LOG_LEVELS } from '../orders/order-dialog.js'
import { SETTINGS } from './settings-facts.js'

const KEEP = ['', '按设备文件', 'as its file says']
/** Bounds of the protocol's `desiredSettings`. */
const BOUNDS = { healthSeconds: [5, 3600], headSeconds: [10, 3600] }

function secondsField(name, value) {
  const [min, max] = BOUNDS[name]
  const input = textInput(name, { type: 'number', inputmode: 'numeric', min, max, step: '1', value })
  return field(SETTINGS[name], input, [`${min} 到 ${max}；空：按设备文件`, `${min} to ${max}; empty: as its file says`])
}

function readConfig({ logLevel, healthSeconds, headSeconds }) {
  const entries = [
    ['logLevel', logLevel],
    ['healthSeconds', healthSeconds === '' ? '' : Number(healthSeconds)],
    ['headSeconds', headSeconds === '' ? '' : Number(headSeconds)],
  ]
  return Object.fromEntries(entries.filter(([, value]) => value !== ''))
}

/** What a device is to be like. `onSet` when a new version was made of it. */
export function openSettingsDialog({ device, view, onSet }) {
  const config = view.desired?.config ?? {}
  const level = choice('logLevel', [KEEP, ...LOG_LEVELS.map(one => [one, one, ''])])
  level.value = config.logLevel ?? ''
  openDialog({
    title: ['更改设定', 'Change settings'],
    kind: 'confirm',
    fill: (body, close) =>
      body.append(
        sendingForm({
          parts: [
            make('p', { class: 'at' }, make('strong', {}, device), make('span', {}, view.site)),
            field(SETTINGS.logLevel, level),
            secondsField('healthSeconds', config.healthSeconds),
            secondsField('headSeconds', config.headSeconds),
            purposeField(),
          ],
          submit: ['签名并下发', 'Sign and send'],
          actions: [make('button', { type: 'button', class: 'button', onclick: close }, both('取消', 'Cancel'))],
          send: async typed => {
            const asked = { config: readConfig(typed), purpose: typed.purpose }
            await sendJson('PUT', `/api/devices/${inPath(device)}/desired`, asked)
            close()
            await onSet()
          },
        }),
      ),
  })
}
