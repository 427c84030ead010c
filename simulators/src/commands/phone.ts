import { type Command, type CommandIo, UsageError } from '@ankang/protocol'
import { phoneRide } from './phone-ride.ts'
import { phoneShow } from './phone-show.ts'

const HELP = `用法 usage: ankang phone show --resident N [--site S] [--challenge HEX] [--json] [--png FILE] [--once] [--home DIR]
             ankang phone ride [--account N] [--hex | --json] [--png FILE] [--once] [--home DIR]

show: 在终端显示第 N 位虚拟居民手机上的安康码。ride: 显示第 N 个虚拟账户的公交乘车码(JT/T 1179)。均每 30 秒换新。
show: the code on the phone of synthetic resident N in the terminal. ride: the bus ride code (JT/T 1179) of synthetic account N.
Both rotate every 30 s.

  --resident N      居民编号   number of the resident, from 0
  --account N       账户编号   number of the account, from 0 (default 0)
  --site S          写明场所   name the site in the proof
  --challenge HEX   应答动态码   answer the challenge on a door's display (8 to 32 bytes)
  --hex             输出字节   print the bytes of the code as a scanner delivers them, as hex
  --json            输出 JSON   print the code, its times and whose it is instead of the picture
  --png FILE        写成图片   write the picture and exit
  --once            只显示一次   show one code and exit
  --home DIR        数据目录   where the platforms keep their keys (default .ankang)

例 example: ankang phone show --resident 12
            ankang phone show --resident 12 --png code.png
            ankang phone ride --account 7
            ankang phone ride --account 7 --hex`

const PHONES: Readonly<Record<string, (argv: readonly string[], io: CommandIo) => Promise<number>>> = {
  show: phoneShow,
  ride: phoneRide,
}

async function run([name = '', ...argv]: readonly string[], io: CommandIo): Promise<number> {
  const phone = Object.hasOwn(PHONES, name) ? PHONES[name] : undefined
  if (phone === undefined)
    throw new UsageError('usage', 'expected: ankang phone show or ankang phone ride; see ankang phone --help')
  return phone(argv, io)
}

/** `ankang phone show | ride`: a synthetic phone, in the terminal. */
export const phone: Command = {
  name: 'phone',
  summary: '虚拟手机亮码  a synthetic phone showing its code: county code or ride code',
  help: HELP,
  run,
}
