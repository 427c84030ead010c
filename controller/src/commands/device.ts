import type { Command, CommandIo } from '@ankang/protocol'
import { runList } from './device-list.ts'
import { runRevoke } from './device-revoke.ts'
import { runShow } from './device-show.ts'
import { runSubcommand, type Subcommand } from './subcommands.ts'

const HELP = `用法 usage: ankang device <list | enroll | revoke | show> [--home DIR] [--json]

设备的身份：清单、入网、吊销、查看；控制中心运行时也可用，吊销立即断线。
Who is one of our devices. Works while the controller runs, and without it; a revocation cuts the line at once.

  list                                     所有设备 all devices
  enroll --device ID --site ID [--minutes N] [--replace]
                                           一次性入网码，默认 60 分钟，最长 7 天
                                           a one-time code; 60 minutes unless said, a week at most
    --replace                              可更换已入网的设备，其线路随即断开
                                           may take the place of a live box, whose line is cut then
  enroll --requests FILE                   批量：每行一台设备的请求（JSON），直接签发证书
                                           many at once, in a workshop: a line of JSON for each box's request
  revoke DEVICE --reason TEXT              吊销；其密钥不再可用
                                           its keys are dead, records past its last signed head are kept apart
  show DEVICE                              证书、密钥与隔离的记录 certificates, keys, records kept apart

  --home DIR     数据目录，默认 .ankang   home folder, .ankang unless said
  --json         JSON，一行   as JSON, on one line
  --help         本说明   this text

例 examples:
  ankang device enroll --home .ankang --site hall --device hall-door-2
  ankang device list --home .ankang --json
  ankang device revoke hall-door-2 --reason "设备被盗 stolen"
`

/** Loaded when it is needed: the certificate library takes longer to load than any other command to run. */
async function runEnroll(argv: readonly string[], io: CommandIo): Promise<number> {
  return (await import('./device-enroll.ts')).runEnroll(argv, io)
}

const RUNNERS: ReadonlyMap<string, Subcommand> = new Map([
  ['list', runList],
  ['enroll', runEnroll],
  ['revoke', runRevoke],
  ['show', runShow],
])

export const deviceCommand: Command = {
  name: 'device',
  summary: '设备入网、吊销与清单 · devices: list, enroll, revoke, show',
  help: HELP,
  run: (argv, io) => runSubcommand({ words: 'ankang device', help: HELP, runners: RUNNERS }, argv, io),
}
