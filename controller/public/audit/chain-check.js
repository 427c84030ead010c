import { getJson } from '../core/api.js'
import { both, icon, make } from '../core/elements.js'
import { errorWords } from '../core/error-words.js'
import { countText, groups } from '../core/words.js'

/** As the centre names what is wrong with a record of the chain. */
const FAULT_WORDS = {
  altered: ['内容被改动', 'its content was altered'],
  missing: ['缺失', 'it is missing'],
  moved: ['被移动', 'it was moved'],
  added: ['是后来添加的', 'it was added afterwards'],
  rewritten: ['与先前的见证不符', 'it is not what a witness has noted'],
}

function goodParts({ records, newest }) {
  return [
    make(
      'p',
      { class: 'chain', 'data-tone': 'green' },
      icon('tick'),
      make(
        'span',
        {},
        both(
          `${countText(records)} 条记录完整无缺，未被改动`,
          `${countText(records)} records, all there and unaltered`,
        ),
      ),
    ),
    make(
      'p',
      { class: 'soft' },
      both(`抄存到别处，日后可作见证：第 ${newest.id} 条`, 'kept elsewhere, this is a witness for later'),
      ' ',
      make('code', { class: 'link-code' }, groups(newest.link, 8).join(' ')),
    ),
  ]
}

function badParts({ id, fault }) {
  const [zh, en] = FAULT_WORDS[fault] ?? [fault, '']
  const words = [`链在第 ${id} 条断开：${zh}`, `broken at record ${id}: ${en}`]
  return [make('p', { class: 'chain', 'data-tone': 'red' }, icon('alert'), make('span', {}, both(...words)))]
}

/** A button that has the whole chain checked, and what came of it. */
export function chainCheck() {
  const said = make('div', { class: 'chain-said', role: 'status' })
  const button = make('button', { type: 'button', class: 'button plain' }, both('核对整条链', 'Check the chain'))
  button.addEventListener('click', async () => {
    button.setAttribute('aria-busy', 'true')
    try {
      const check = await getJson('/api/audit/check')
      said.replaceChildren(...(check.ok ? goodParts(check) : badParts(check.firstFault)))
    } catch (error) {
      said.replaceChildren(make('p', { class: 'error' }, both(...errorWords(error))))
    } finally {
      button.removeAttribute('aria-busy')
    }
  })
  return make('div', { class: 'check' }, button, said)
}
