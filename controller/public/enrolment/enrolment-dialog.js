import { getJson, getJsonUnasked, inPath, sendJson } from '../core/api.js'
import { openDialog } from '../core/dialog.js'
import { both, make } from '../core/elements.js'
import { errorWords } from '../core/error-words.js'
import { choice, field, sendingForm, textInput } from '../core/form.js'
import { knownSites } from '../live/live-view.js'
import { codeSheet } from './code-sheet.js'
import { openCodes } from './open-codes.js'

/** As in topics: a-z, 0-9 and -. */
const ID = '[a-z0-9]([a-z0-9\\-]{0,38}[a-z0-9])?'
const ID_HINT = ['小写字母、数字和连字符', 'small letters, digits and hyphens']
const LIVES = [
  ['15', '15 分钟', '15 min'],
  ['60', '1 小时', '1 hour'],
  ['480', '8 小时', '8 hours'],
  ['1440', '1 天', '1 day'],
  ['10080', '7 天', '7 days'],
]
const ASK_EVERY_MS = 5000

function idInput(name, attributes) {
  return textInput(name, { pattern: ID, maxlength: '40', required: true, title: ID_HINT.join(' '), ...attributes })
}

function askForm(onMade) {
  const sites = make(
    'datalist',
    { id: 'known-sites' },
    knownSites().map(site => make('option', { value: site })),
  )
  return sendingForm({
    parts: [
      make(
        'p',
        { class: 'soft' },
        both(
          '做一个一次性的码，只对这个地点的这台设备有效。',
          'Makes a one-time code, good for this device at this site alone.',
        ),
      ),
      field(['地点', 'Site'], idInput('site', { list: 'known-sites', autofocus: true }), ID_HINT),
      sites,
      field(['设备编号', 'Device id'], idInput('device'), [
        '全县唯一，例如 hall-door-3',
        'one in the county, such as hall-door-3',
      ]),
      field(['有效时间', 'Good for'], choice('minutes', LIVES), [
        '同一设备此前未用的码随之作废',
        'an unused code of the same device is withdrawn',
      ]),
    ],
    submit: ['生成入网码', 'Make the code'],
    send: async ({ site, device, minutes }) =>
      onMade(await sendJson('POST', '/api/enrolment-codes', { site, device, minutes: Number(minutes) })),
  })
}

/** A code for a new device, and the codes that are still open. Follows them while it is open. Returns `close`. */
export function openEnrolmentDialog(onClosed) {
  let sheet = null
  const list = openCodes(async device => {
    await sendJson('DELETE', `/api/enrolment-codes/${inPath(device)}`)
    if (sheet?.device === device) sheet.withdrawn()
    await ask()
  })
  const ask = async (get = getJson) => {
    try {
      const { codes } = await get('/api/enrolment-codes')
      list.show(codes, Date.now())
      sheet?.follow(codes)
    } catch (error) {
      list.complain(errorWords(error))
    }
  }
  const asking = setInterval(() => ask(getJsonUnasked), ASK_EVERY_MS)
  const ticking = setInterval(() => sheet?.tick(Date.now()), 1000)
  return openDialog({
    title: ['入网新设备', 'Enrol a device'],
    kind: 'wide',
    onClosed: () => {
      clearInterval(asking)
      clearInterval(ticking)
      onClosed()
    },
    fill: body => {
      const top = make('div', { class: 'enrolment' })
      const begin = () => {
        sheet = null
        top.replaceChildren(askForm(made))
        top.querySelector('input').focus()
      }
      const made = async code => {
        sheet = codeSheet(code, begin)
        top.replaceChildren(sheet.element)
        sheet.tick(Date.now())
        sheet.element.focus()
        await ask()
      }
      top.append(askForm(made))
      body.append(top, list.element)
      ask()
    },
  })
}
