import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type Command, type CommandIo, UsageError } from '@ankang/protocol'
import { openHouse, type VirtualHouse } from '../virtual/virtual-house.ts'
import { numberOption } from './number-option.ts'
import { simLive } from './sim-live.ts'
import { simOnce } from './sim-once.ts'

const HELP = `用法 usage: ankang sim start [--home DIR] [--http-port N] [--mqtt-port N]
             ankang sim start --once --json [--showings N] [--home DIR] [--http-port N] [--mqtt-port N]

在本机启动控制器、城市平台、乘车码平台、两扇大厅门和两辆公交车(各有扫码器、摄像头),持续有居民亮码;Ctrl-C 停止。
Brings up controller, city and ride platform, two hall doors and two buses (scanner and camera each) on this machine and shows
residents at them; Ctrl-C stops.

  --home DIR      数据目录   where everything is kept (default .ankang)
  --http-port N   网页端口   port of the page (default 8443; taken: the next free one)
  --mqtt-port N   消息端口   port of the broker (default 8883; taken: the next free one)
  --once          只运行一轮   show every kind of code, good and bad, check what came of it, and exit
  --showings N    出示次数   how many codes --once shows (default 200)
  --json          输出 JSON   with --once: the last line is one JSON object

例 example: ankang sim start --home /tmp/demo
            ankang sim start --once --json --showings 60`

const DEFAULTS = { home: '.ankang', httpPort: 8443, mqttPort: 8883, showings: 200 } as const
const PORTS = { from: 0, through: 65_535 } as const
const SHOWINGS = { from: 1, through: 100_000 } as const

function nowSeconds(): number {
  return Math.floor(Date.now() / 1000)
}

async function run(argv: readonly string[], io: CommandIo): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      home: { type: 'string' },
      'http-port': { type: 'string' },
      'mqtt-port': { type: 'string' },
      showings: { type: 'string' },
      once: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  })
  if (positionals.join(' ') !== 'start')
    throw new UsageError('usage', 'expected: ankang sim start; see ankang sim --help')
  if (!values.once && (values.showings !== undefined || values.json))
    throw new UsageError('usage', '--showings and --json belong to --once; see ankang sim --help')
  const showings = numberOption('showings', values.showings, DEFAULTS.showings, SHOWINGS)
  const house = await openHouse({
    directory: resolve(io.cwd, values.home ?? DEFAULTS.home),
    httpPort: numberOption('http-port', values['http-port'], DEFAULTS.httpPort, PORTS),
    mqttPort: numberOption('mqtt-port', values['mqtt-port'], DEFAULTS.mqttPort, PORTS),
    now: nowSeconds(),
    onProgress: (zh, en) => io.err(`${zh} · ${en} …\n`),
  })
  return closing(house, () =>
    values.once ? simOnce(house, io, { showings, json: values.json, nowSeconds }) : simLive(house, io, nowSeconds),
  )
}

/** Whatever becomes of the work, no program is left behind. */
async function closing(house: VirtualHouse, work: () => Promise<number>): Promise<number> {
  try {
    return await work()
  } finally {
    await house.close()
  }
}

/** `ankang sim start`: the whole house on one machine; what `npm start` runs. */
export const sim: Command = {
  name: 'sim',
  summary: '本机演示  the whole house on this machine, with residents at its doors and on its buses',
  help: HELP,
  run,
}
