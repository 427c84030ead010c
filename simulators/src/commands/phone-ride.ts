import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type AccountType, type CommandIo, toHex, UsageError, yuanText } from '@ankang/protocol'
import type { ShownCode } from '../phone/rotating-screen.ts'
import { openRidePlatform, RIDERS, rideFolder } from '../ride/ride-home.ts'
import { RIDE_ISSUERS } from '../ride/ride-issuers.ts'
import { RidePhone } from '../ride/ride-phone.ts'
import type { Rider } from '../ride/rider.ts'
import { numberOption } from './number-option.ts'
import { SCREEN_OPTIONS, showPhone } from './phone-screen.ts'

const TYPE_WORDS: Record<AccountType, string> = {
  ordinary: '普通乘车码 ordinary fare',
  student: '学生乘车码 student',
  senior: '老年乘车码 senior',
  soldier: '军人乘车码 soldier',
  test: '测试乘车码 test account',
  other: '其他乘车码 other account',
}

function inJson({ bytes, ...times }: ShownCode, rider: Rider): string {
  const { issuer, type, singleRideLimitFen, cardAccount } = rider
  return JSON.stringify({
    hex: toHex(bytes),
    ...times,
    issuer: RIDE_ISSUERS[issuer].id,
    type,
    singleRideLimitFen,
    cardAccount: toHex(cardAccount),
  })
}

/** `ankang phone ride`: the ride code of a synthetic account. */
export async function phoneRide(argv: readonly string[], io: CommandIo): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: { ...SCREEN_OPTIONS, account: { type: 'string' }, hex: { type: 'boolean', default: false } },
  })
  if (values.hex && values.json)
    throw new UsageError('usage', '--hex and --json: give one of them; see ankang phone --help')
  const index = numberOption('account', values.account, 0, { from: 0, through: RIDERS - 1 })
  const home = resolve(io.cwd, values.home ?? '.ankang')
  if (!existsSync(rideFolder(home))) io.err(`新建了一个乘车码平台 · made a new ride platform in ${home}\n`)
  const platform = openRidePlatform(home)
  const rider = platform.rider(index)
  const phone = new RidePhone({ platform, rider })
  const yuan = yuanText(rider.singleRideLimitFen)
  return showPhone(
    {
      show: now => phone.show(now),
      caption: `${TYPE_WORDS[rider.type]}   单次限额 ${yuan} 元 · up to ¥${yuan} a ride`,
      print: code => (values.hex ? toHex(code.bytes) : values.json ? inJson(code, rider) : null),
      png: values.png === undefined ? null : resolve(io.cwd, values.png),
      once: values.once,
    },
    io,
  )
}
