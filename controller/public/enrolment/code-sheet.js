import { announce } from '../core/announce.js'
import { both, icon, make, setWords } from '../core/elements.js'
import { copyButton } from '../core/form.js'
import { qrPicture } from '../core/qr-picture.js'
import { minutesText } from '../core/words.js'

const SOON_MS = 60_000

const NEXT = [
  ['到设备旁；未入网的设备自己在等待', 'Go to the device; one that is not enrolled is waiting by itself'],
  [
    '把二维码对准设备自己的扫码口；没有扫码口就在设备上运行 ankang enrol --config 文件 --code 上面的码',
    'Hold the QR before the device’s own scanner; without one, run ankang enrol --config FILE --code with the code above',
  ],
  [
    '设备先核对中心的身份，再自己生成密钥、领取证书',
    'The device checks that the centre is the right one, then makes its key and gets its certificate',
  ],
  ['这里显示“已入网”，卡片变为“就绪”，就完成了', 'It is done when this says “enrolled” and its card “ready”'],
]

/** One code, as long as it can be used: shown here and nowhere again. */
export function codeSheet(code, onAnother) {
  const { site, device, typed, qrSvg, expiresMs } = code
  const timer = make('p', { class: 'timer', role: 'timer' })
  const secret = make(
    'div',
    { class: 'code-parts' },
    make('div', { class: 'qr-frame' }, qrPicture(qrSvg, ['入网二维码', 'QR code for enrolment'])),
    make(
      'div',
      { class: 'code-side' },
      make(
        'p',
        { class: 'typed', 'aria-label': '入网码 Enrolment code' },
        typed.split('-').map(group => make('span', {}, group)),
      ),
      copyButton(typed),
    ),
  )
  const another = make(
    'button',
    { type: 'button', class: 'button plain', onclick: onAnother },
    both('再入网一台', 'Enrol another'),
  )
  const element = make(
    'div',
    { class: 'code-sheet', tabindex: '-1', role: 'group', 'aria-label': `${device} 的入网码 Code for ${device}` },
    make('p', { class: 'at' }, icon('plus'), make('strong', {}, device), make('span', {}, site)),
    timer,
    secret,
    make('h3', {}, both('技术员接下来', 'What the technician does next')),
    make(
      'ol',
      { class: 'rules' },
      NEXT.map(step => make('li', {}, both(...step))),
    ),
    make('div', { class: 'actions' }, another),
  )
  let isOver = false

  const end = (tone, zh, en) => {
    isOver = true
    secret.remove()
    timer.dataset.tone = tone
    setWords(timer, zh, en)
    announce(`${zh} ${en}`)
  }
  return {
    element,
    device,
    withdrawn: () => end('grey', '此码已撤回', 'The code is withdrawn'),
    tick: nowMs => {
      if (isOver) return
      const leftMs = expiresMs - nowMs
      if (leftMs <= 0) return end('red', '此码已过期，请重新生成', 'The code has expired; make another')
      timer.dataset.tone = leftMs < SOON_MS ? 'yellow' : 'blue'
      setWords(timer, `还有 ${minutesText(leftMs)}`, 'left')
    },
    /** Takes the open codes: a code that was used has made its device. */
    follow: codes => {
      const own = codes.find(one => one.device === device && one.expiresMs === expiresMs)
      if (!isOver && own !== undefined && own.usedMs !== null) end('green', `${device} 已入网 ✓`, 'enrolled')
    },
  }
}
