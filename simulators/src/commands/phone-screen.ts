import { writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { type CommandIo, EnvironmentError, EXIT } from '@ankang/protocol'
import { qrMatrix } from '../phone/qr-matrix.ts'
import { encodePng, qrPicture } from '../phone/qr-picture.ts'
import type { ShownCode } from '../phone/rotating-screen.ts'
import { terminalQr } from '../phone/terminal-qr.ts'

const PIXELS_PER_MODULE = 8
/** Up over what was drawn, and clear from there: clearing the whole screen would flicker. */
const OVERDRAW = (lines: number) => `\u001b[${lines}A\r\u001b[J`

/** Options of every phone, for `parseArgs`. */
export const SCREEN_OPTIONS = {
  home: { type: 'string' },
  png: { type: 'string' },
  once: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const

/** A phone as the terminal shows it. */
export interface PhoneScreen<Shown extends ShownCode> {
  /** Unix seconds in, and what is on the screen then. */
  show(now: number): Shown
  /** What stands below the picture, before the seconds left. */
  readonly caption: string
  /** The code as one line for other programs; null: the picture. */
  print(code: Shown): string | null
  /** Picture to write instead of showing one, as an absolute path. */
  readonly png: string | null
  readonly once: boolean
}

function nowSeconds(): number {
  return Math.floor(Date.now() / 1000)
}

async function writePng(file: string, code: ShownCode): Promise<void> {
  const png = await encodePng(qrPicture(qrMatrix(code.bytes), PIXELS_PER_MODULE))
  try {
    writeFileSync(file, png)
  } catch (error) {
    throw new EnvironmentError('picture-not-written', `无法写入图片 ${file} · cannot write the picture ${file}`, {
      cause: error,
      retryable: false,
      details: { file },
    })
  }
}

function captionLine(caption: string, code: ShownCode, now: number): string {
  const left = code.rotatesAt - now
  return `${caption}   剩余 ${left} 秒 · ${left} s left\n`
}

function picture(code: ShownCode): string {
  return `${terminalQr(qrMatrix(code.bytes))}\n`
}

/** The picture changes with the code, the line below it every second. */
async function showLive<Shown extends ShownCode>(phone: PhoneScreen<Shown>, io: CommandIo): Promise<void> {
  let drawn: Shown | null = null
  while (!io.signal.aborted) {
    const now = nowSeconds()
    const code = phone.show(now)
    if (code === drawn) io.out(OVERDRAW(1) + captionLine(phone.caption, code, now))
    else {
      const text = picture(code) + captionLine(phone.caption, code, now)
      io.out(drawn === null ? text : OVERDRAW(text.split('\n').length - 1) + text)
    }
    drawn = code
    await delay(1000, undefined, { signal: io.signal }).catch((error: unknown) => {
      if (!io.signal.aborted) throw error
    })
  }
}

/** Shows a phone's code the way it was asked for: a line, a picture file, one picture, or one that rotates until Ctrl-C. Throws `picture-not-written`. */
export async function showPhone<Shown extends ShownCode>(phone: PhoneScreen<Shown>, io: CommandIo): Promise<number> {
  const now = nowSeconds()
  const code = phone.show(now)
  const line = phone.print(code)
  if (phone.png !== null) await writePng(phone.png, code)
  if (line !== null) io.out(`${line}\n`)
  else if (phone.png !== null)
    io.err(`已写入 ${phone.png} · written; 有效 ${code.rotatesAt - now} 秒 · fresh for ${code.rotatesAt - now} s\n`)
  else if (phone.once || !io.interactive) io.out(picture(code) + captionLine(phone.caption, code, now))
  else await showLive(phone, io)
  return EXIT.done
}
