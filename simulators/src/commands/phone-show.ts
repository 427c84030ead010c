import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type CommandIo, isTopicId, parseHex, UsageError } from '@ankang/protocol'
import type { Standing } from '../city/resident-shares.ts'
import { openCity, POPULATION } from '../home/city-home.ts'
import { homePaths } from '../home/home-paths.ts'
import { Phone } from '../phone/phone.ts'
import { numberOption } from './number-option.ts'
import { SCREEN_OPTIONS, showPhone } from './phone-screen.ts'

const COLOUR_WORDS: Record<Standing, string> = {
  green: '绿码 green',
  yellow: '黄码 yellow',
  red: '红码 red',
  revoked: '已作废 revoked',
}

function readChallenge(text: string | undefined): Uint8Array | undefined {
  if (text === undefined) return undefined
  const challenge = parseHex(text)
  if (challenge !== null && challenge.length >= 8 && challenge.length <= 32) return challenge
  throw new UsageError('usage', `--challenge: expected 8 to 32 bytes as hex, got ${JSON.stringify(text)}`)
}

/** `ankang phone show`: the code on a resident's phone. */
export async function phoneShow(argv: readonly string[], io: CommandIo): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      ...SCREEN_OPTIONS,
      resident: { type: 'string' },
      site: { type: 'string' },
      challenge: { type: 'string' },
    },
  })
  if (values.resident === undefined) throw new UsageError('usage', '--resident N is missing; see ankang phone --help')
  const { site } = values
  if (site !== undefined && !isTopicId(site))
    throw new UsageError('usage', `--site: expected a-z, 0-9 and -, got ${site}`)
  const challenge = readChallenge(values.challenge)
  const index = numberOption('resident', values.resident, 0, { from: 0, through: POPULATION - 1 })
  const home = resolve(io.cwd, values.home ?? '.ankang')
  if (!existsSync(homePaths(home).city)) io.err(`新建了一座虚拟城市 · made a new city in ${home}\n`)
  const city = openCity(home)
  const resident = city.resident(index)
  const { kind, maskedName, standing } = resident
  const bound = { ...(site === undefined ? {} : { site }), ...(challenge === undefined ? {} : { challenge }) }
  const phone = new Phone({ city, resident, ...bound })
  return showPhone(
    {
      show: now => phone.show(now),
      caption: `${maskedName}   ${COLOUR_WORDS[standing]}`,
      print: ({ bytes: _, ...code }) => (values.json ? JSON.stringify({ ...code, kind, maskedName }) : null),
      png: values.png === undefined ? null : resolve(io.cwd, values.png),
      once: values.once,
    },
    io,
  )
}
