import { both, make } from '../core/elements.js'
import { sendingForm } from '../core/form.js'
import { qrPicture } from '../core/qr-picture.js'
import { askSecondFactor, proveSecondFactor } from '../core/session.js'
import { groups } from '../core/words.js'
import { codeField, digitsOf } from './code-field.js'
import { goOn } from './go-on.js'

const HOW = [
  [
    '在手机上打开身份验证应用（例如 Aegis、FreeOTP、Microsoft Authenticator）',
    'Open an authenticator on your phone, such as Aegis, FreeOTP or Microsoft Authenticator',
  ],
  ['扫描此码，或手动输入密钥', 'Scan this code, or type the secret'],
  ['把应用显示的六位数输入下面', 'Type the six digits it shows below'],
]

export async function secondFactorSetUpStep(on) {
  const { secret, qrSvg } = await askSecondFactor()
  return sendingForm({
    parts: [
      make(
        'ol',
        { class: 'rules' },
        HOW.map(step => make('li', {}, both(...step))),
      ),
      qrPicture(qrSvg, ['第二因素的二维码', 'QR code of the second factor']),
      make(
        'p',
        { class: 'secret', 'aria-label': '密钥 Secret' },
        groups(secret, 4).map(group => make('span', {}, group)),
      ),
      codeField(),
    ],
    submit: ['完成设置', 'Finish'],
    send: ({ code }) => goOn(proveSecondFactor(digitsOf(code)), on),
  })
}
