import { existsSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { type Command, type CommandIo, EnvironmentError, EXIT, isTopicId, parseHex, UsageError } from '@ankang/protocol'
import type { Standing } from '../city/resident-shares.ts'
import { openCity, POPULATION } from '../home/city-home.ts'
import { homePaths } from '../home/home-paths.ts'
import { Phone, type ShownCode } from '../phone/phone.ts'
import { qrMatrix } from '../phone/qr-matrix.ts'
import { encodePng, qrPicture } from '../phone/qr-picture.ts'
import { terminalQr } from '../phone/terminal-qr.ts'
import { numberOption } from './number-option.ts'

const HELP = `用法 usage: ankang phone show --resident N [--home DIR] [--png FILE] [--site S] [--challenge HEX] [--once] [--json]

在终端显示第 N 位虚拟居民手机上的安康码,每 30 秒换新。
Shows the code on the phone of synthetic resident N in the terminal, rotating every 30 s.

  --resident N      居民编号   number of the resident, from 0
  --home DIR        数据目录   where the city platform keeps its keys (default .ankang)
  --png FILE        写成图片   write the picture and exit
  --site S          写明场所   name the site in the proof
  --challenge HEX   应答动态码   answer the challenge on a door's display (8 to 32 bytes)
  --once            只显示一次   show one code and exit
  --json            输出 JSON   print text, kind and times instead of the picture

例 example: ankang phone show --resident 12
            ankang phone show --resident 12 --png code.png`

const PIXELS_PER_MODULE = 8
/** Up over what was drawn, and clear from there: clearing the whole screen would flicker. */
const OVERDRAW = (lines: number) => `\u001b[${lines}A\r\u001b[J`

const COLOUR_WORDS: Record<Standing, string> = {
  green: '绿码 green',
  yellow: '黄码 yellow',
  red: '红码 red',
  revoked: '已作废 revoked',
}

interface Settings {
  readonly phone: Phone
  readonly png: string | undefined
  readonly once: boolean
  readonly json: boolean
}

function readChallenge(text: string | undefined): Uint8Array | undefined {
  if (text === undefined) return undefined
  const challenge = parseHex(text)
  if (challenge !== null && challenge.length >= 8 && challenge.length <= 32) return challenge
  throw new UsageError('usage', `--challenge: expected 8 to 32 bytes as hex, got ${JSON.stringify(text)}`)
}

function readSettings(argv: readonly string[], io: CommandIo): Settings {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      resident: { type: 'string' },
      home: { type: 'string' },
      png: { type: 'string' },
      site: { type: 'string' },
      challenge: { type: 'string' },
      once: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  })
  if (positionals.join(' ') !== 'show')
    throw new UsageError('usage', 'expected: ankang phone show; see ankang phone --help')
  if (values.resident === undefined) throw new UsageError('usage', '--resident N is missing; see ankang phone --help')
  const { site } = values
  if (site !== undefined && !isTopicId(site))
    throw new UsageError('usage', `--site: expected a-z, 0-9 and -, got ${site}`)
  const challenge = readChallenge(values.challenge)
  const resident = numberOption('resident', values.resident, 0, { from: 0, through: POPULATION - 1 })
  const home = resolve(io.cwd, values.home ?? '.ankang')
  if (!existsSync(homePaths(home).city)) io.err(`新建了一座虚拟城市 · made a new city in ${home}\n`)
  const city = openCity(home)
  const bound = { ...(site === undefined ? {} : { site }), ...(challenge === undefined ? {} : { challenge }) }
  const phone = new Phone({ city, resident: city.resident(resident), ...bound })
  const png = values.png === undefined ? undefined : resolve(io.cwd, values.png)
  return { phone, png, once: values.once, json: values.json }
}

function nowSeconds(): number {
  return Math.floor(Date.now() / 1000)
}

async function writePng(file: string, code: ShownCode): Promise<void> {
  const png = await encodePng(qrPicture(qrMatrix(code.text), PIXELS_PER_MODULE))
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

function caption({ resident }: Phone, code: ShownCode, now: number): string {
  const left = code.rotatesAt - now
  return `${resident.maskedName}   ${COLOUR_WORDS[resident.standing]}   剩余 ${left} 秒 · ${left} s left\n`
}

function picture(code: ShownCode): string {
  return `${terminalQr(qrMatrix(code.text))}\n`
}

/** The picture changes with the code, the line below it every second. */
async function showLive(phone: Phone, io: CommandIo): Promise<void> {
  let drawn: ShownCode | null = null
  while (!io.signal.aborted) {
    const now = nowSeconds()
    const code = phone.show(now)
    if (code === drawn) io.out(OVERDRAW(1) + caption(phone, code, now))
    else {
      const text = picture(code) + caption(phone, code, now)
      io.out(drawn === null ? text : OVERDRAW(text.split('\n').length - 1) + text)
    }
    drawn = code
    await delay(1000, undefined, { signal: io.signal }).catch((error: unknown) => {
      if (!io.signal.aborted) throw error
    })
  }
}

async function run(argv: readonly string[], io: CommandIo): Promise<number> {
  const { phone, png, once, json } = readSettings(argv, io)
  const now = nowSeconds()
  const code = phone.show(now)
  if (png !== undefined) await writePng(png, code)
  if (json) io.out(`${JSON.stringify({ ...code, kind: phone.resident.kind, maskedName: phone.resident.maskedName })}\n`)
  else if (png !== undefined)
    io.err(`已写入 ${png} · written; 有效 ${code.rotatesAt - now} 秒 · fresh for ${code.rotatesAt - now} s\n`)
  else if (once || !io.interactive) io.out(picture(code) + caption(phone, code, now))
  else await showLive(phone, io)
  return EXIT.done
}

/** `ankang phone show`: a resident's phone, in the terminal. */
export const phone: Command = {
  name: 'phone',
  summary: '虚拟手机亮码  a synthetic resident’s phone showing its code',
  help: HELP,
  run,
}
