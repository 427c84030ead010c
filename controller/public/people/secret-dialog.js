import { openDialog } from '../core/dialog.js'
import { both, icon, make } from '../core/elements.js'
import { copyButton } from '../core/form.js'

/** Shows a secret that the centre says once and never again. */
export function openSecretDialog({ title, whose, secret, says }) {
  openDialog({
    title,
    kind: 'confirm',
    fill: (body, close) =>
      body.append(
        make('p', { class: 'at' }, icon('person'), make('strong', {}, whose)),
        make('p', { class: 'says' }, both(...says)),
        make('p', { class: 'once', 'data-secret': true }, secret),
        make(
          'div',
          { class: 'actions' },
          copyButton(secret),
          make(
            'button',
            { type: 'button', class: 'button main', onclick: close },
            both('已抄下，关闭', 'Noted; close'),
          ),
        ),
        make('p', { class: 'soft' }, both('关闭后不会再显示。', 'It is not shown again.')),
      ),
  })
}
