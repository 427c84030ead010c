import { parseArgs } from 'node:util'
import { describeError, EXIT, programFault, UsageError } from '@ankang/protocol'
import { type Logger, pino } from 'pino'
import { type ConfigFlags, type ControllerConfig, readConfig, readSigningKey } from './config.ts'
import { startController } from './controller.ts'

const HELP = `ankang-controller --config FILE [--http-port N] [--mqtt-port N] [--check-config]

控制中心：接收各设备的记录，校验、存储、签发回执，并提供实时页面。
The centre: takes the devices' records, checks and stores them, gives receipts, serves the live page.

  --config FILE     configuration, JSON; paths in it are relative to its folder
  --http-port N     instead of http.port        --mqtt-port N   instead of mqtt.port (TLS)
  --check-config    read configuration and keys, then stop
  --help            this text

Example:
  ankang-controller --config .ankang/controller/config.json
`

interface Arguments {
  readonly file: string
  readonly flags: ConfigFlags
  readonly checkOnly: boolean
}

function parsePort(name: string, text: string | undefined): number | undefined {
  if (text === undefined || (/^\d{1,5}$/.test(text) && Number(text) <= 65_535))
    return text === undefined ? text : Number(text)
  throw new UsageError('flag-invalid', `--${name}: expected a port from 0 to 65535, got ${JSON.stringify(text)}`)
}

function parseArguments(argv: readonly string[]): Arguments | 'help' {
  const options = {
    config: { type: 'string' },
    'http-port': { type: 'string' },
    'mqtt-port': { type: 'string' },
    'check-config': { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  } as const
  let values: ReturnType<typeof parseArgs<{ options: typeof options }>>['values']
  try {
    values = parseArgs({ args: [...argv], options }).values
  } catch (error) {
    throw new UsageError('flag-invalid', `${describeError(error)}; see --help`, { cause: error })
  }
  if (values.help === true) return 'help'
  if (values.config === undefined)
    throw new UsageError('flag-missing', 'expected --config FILE, as in: ankang-controller --config config.json')
  const httpPort = parsePort('http-port', values['http-port'])
  const mqttPort = parsePort('mqtt-port', values['mqtt-port'])
  const flags = { ...(httpPort === undefined ? {} : { httpPort }), ...(mqttPort === undefined ? {} : { mqttPort }) }
  return { file: values.config, flags, checkOnly: values['check-config'] === true }
}

/** Resolves with the first signal that asks this process to stop. */
function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise(resolve => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal))
  })
}

function firstRunText({ name, oneTimePassword }: { readonly name: string; readonly oneTimePassword: string }): string {
  return `首次启动：操作员 ${name}，一次性密码 ${oneTimePassword} （只显示这一次，首次登录时更改）
first start: operator ${name}, one-time password ${oneTimePassword} (shown this once, changed at the first log-in)
`
}

async function run(config: ControllerConfig, log: Logger): Promise<void> {
  const stopped = stopSignal()
  const controller = await startController(config, log)
  const { httpUrl, deskUrl, mqttUrl, firstOperator } = controller
  // not into the log: a password belongs to whoever sits here, once
  if (firstOperator !== null) process.stderr.write(firstRunText(firstOperator))
  log.info({ event: 'ready', httpUrl, deskUrl, mqttUrl }, 'ready')
  const signal = await stopped
  await controller.close()
  log.info({ event: 'stopped', signal }, 'stopped')
}

/** The program. Returns the exit code once it has stopped. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    const parsed = parseArguments(argv)
    if (parsed === 'help') {
      process.stdout.write(HELP)
      return EXIT.done
    }
    const config = await readConfig(parsed.file, parsed.flags)
    if (parsed.checkOnly) {
      for (const file of [config.receiptKeyFile, config.commandKeyFile, config.desiredKeyFile])
        await readSigningKey(file)
      process.stdout.write(`${parsed.file}: 配置无误 configuration is good\n`)
      return EXIT.done
    }
    await run(config, pino({ level: config.logLevel }))
    return EXIT.done
  } catch (error) {
    const { text, exitCode } = programFault('ankang-controller', error)
    process.stderr.write(text)
    return exitCode
  }
}
