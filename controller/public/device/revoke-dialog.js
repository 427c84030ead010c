import { inPath, sendJson } from '../core/api.js'
import { openDialog } from '../core/dialog.js'
import { both, icon, make } from '../core/elements.js'
import { field, sendingForm } from '../core/form.js'

const CONSEQUENCES = [
  ['立即断开连接，证书作废', 'Its line is cut at once, and its certificates are void'],
  [
    '最后一个已签链头之前的记录仍然接收，之后的隔离',
    'Records up to its last signed head are accepted, later ones are quarantined',
  ],
  [
    '不再收到指令和设定；门口照旧按本地规则工作',
    'It gets no orders and settings; at the door it goes on by its own rules',
  ],
  ['不能撤回：要再使用，必须用新码重新入网', 'There is no way back but to enrol it anew with a new code'],
]

/** Asks why, says what follows, and revokes. `onRevoked` when it is done. */
export function openRevokeDialog({ device, onRevoked }) {
  openDialog({
    title: ['吊销设备', 'Revoke the device'],
    kind: 'confirm danger',
    fill: (body, close) => {
      const reason = make('textarea', { name: 'reason', required: true, rows: '2', minlength: '4', maxlength: '200' })
      body.append(
        sendingForm({
          parts: [
            make('p', { class: 'at' }, icon('cross'), make('strong', {}, device)),
            make(
              'ul',
              { class: 'rules' },
              CONSEQUENCES.map(words => make('li', {}, both(...words))),
            ),
            field(['原因', 'Reason'], reason, ['必填，写入审计日志', 'required; kept in the audit log']),
          ],
          submit: ['吊销', 'Revoke'],
          tone: 'danger',
          actions: [make('button', { type: 'button', class: 'button', onclick: close }, both('取消', 'Cancel'))],
          send: async ({ reason: why }) => {
            await sendJson('POST', `/api/devices/${inPath(device)}/revocation`, { reason: why })
            close()
            await onRevoked()
          },
        }),
      )
    },
  })
}
