import { both, icon, make } from '../core/elements.js'
import { timeText } from '../core/words.js'

/** The settings there are. Their names are those of the protocol's `desiredSettings`. */
export const SETTINGS = {
  logLevel: ['日志级别', 'Log level'],
  healthSeconds: ['健康上报间隔（秒）', 'Health report every, s'],
  headSeconds: ['链头签名间隔（秒）', 'Signed head every, s'],
}

function standing({ desired, reported }) {
  if (desired === null) return ['grey', 'dots', '没有设定：按设备自己的文件', 'nothing set: as its own file says']
  const inForce = reported?.version ?? null
  const { error } = reported ?? {}
  if (error && (error.version === null || error.version >= desired.version))
    return ['red', 'cross', `第 ${desired.version} 版没有生效：${error.detail}`, 'refused by the device']
  if (inForce === null) return ['grey', 'question', '设备还没有回报', 'the device has not reported yet']
  if (inForce < desired.version)
    return [
      'yellow',
      'clock',
      `第 ${desired.version} 版等待设备，现用第 ${inForce} 版`,
      `version ${inForce} is in force, ${desired.version} is waiting`,
    ]
  return ['green', 'tick', `第 ${inForce} 版已生效`, `version ${inForce} is in force`]
}

const said = value => (value === undefined ? '–' : String(value))

/** What is wanted of a device beside what it says it does. */
export function settingsFacts(view) {
  const { desired, reported } = view
  const [tone, symbol, zh, en] = standing(view)
  const rows = Object.entries(SETTINGS).map(([name, words]) => {
    const [wanted, actual] = [desired?.config[name], reported?.config[name]]
    const differs = wanted !== undefined && wanted !== actual
    return make(
      'tr',
      { 'data-differs': differs },
      make('th', { scope: 'row' }, both(...words)),
      make('td', { class: 'wanted' }, said(wanted)),
      make('td', { class: 'actual' }, said(actual), differs ? ' ≠' : ''),
    )
  })
  return make(
    'div',
    { class: 'stack' },
    make('p', { class: 'standing toned', 'data-tone': tone }, icon(symbol), make('span', {}, both(zh, en))),
    make(
      'table',
      { class: 'compare' },
      make(
        'thead',
        {},
        make(
          'tr',
          {},
          make('td'),
          make('th', { scope: 'col' }, both('要求', 'desired')),
          make('th', { scope: 'col' }, both('实际', 'reported')),
        ),
      ),
      make('tbody', {}, rows),
    ),
    desired === null
      ? null
      : make('p', { class: 'soft' }, both(`${desired.setBy} 于 ${timeText(desired.setMs)} 设定`, 'set')),
  )
}
