import { both, icon, make } from '../core/elements.js'

/** Whether a device lets nobody in by order; unknown is false. */
export function isLockedDown(view) {
  return view.lockdown === true
}

export const REVOKED_WORDS = ['已吊销', 'revoked']
export const LOCKDOWN_WORDS = ['封闭：只出不进', 'lockdown: exit only']

export function banner(tone, symbol, words) {
  return make('p', { class: 'banner', 'data-tone': tone }, icon(symbol), make('span', {}, both(...words)))
}
