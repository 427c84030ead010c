import { announce } from '../core/announce.js'
import { sendJson } from '../core/api.js'
import { both, make } from '../core/elements.js'
import { field, purposeField, sendingForm, textInput } from '../core/form.js'
import { pageHead } from '../core/page-parts.js'
import { showingRow } from '../live/showing-row.js'

/** What became of one showing, by its tag. Every question is kept with its purpose. */
export function lookUpView() {
  const found = make('ol', { class: 'stream', 'aria-label': '查到的亮码 Showings found' })
  const none = make('p', { class: 'empty', hidden: true }, both('没有这个标签的亮码', 'No showing has this tag'))
  const tag = textInput('tag', {
    pattern: '[0-9a-fA-F]{16}',
    minlength: '16',
    maxlength: '16',
    required: true,
    class: 'mono',
    title: '16 位十六进制 16 hex digits',
  })
  const form = sendingForm({
    className: 'narrow',
    parts: [
      field(['亮码标签', 'Showing tag'], tag, [
        '16 位十六进制；凭条或投诉单上有',
        '16 hex digits, as on a slip or a complaint',
      ]),
      purposeField(),
    ],
    submit: ['查询', 'Look up'],
    send: async ({ tag: typed, purpose }) => {
      const { showings } = await sendJson('POST', '/api/look-ups', { tag: typed.toLowerCase(), purpose })
      found.replaceChildren(...showings.map(showing => showingRow(showing, Date.now())))
      none.hidden = showings.length > 0
      announce(`查到 ${showings.length} 条 ${showings.length} found`)
    },
  })
  return make(
    'div',
    { class: 'page-view' },
    pageHead(
      ['查询亮码', 'Look up a showing'],
      [
        '只显示结果，不显示任何人的姓名；每次查询都写入审计日志。',
        'Shows what became of it and nobody’s name; every look-up is kept in the audit log.',
      ],
    ),
    form,
    found,
    none,
  )
}
