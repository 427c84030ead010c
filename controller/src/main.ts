import { randomBytes } from 'node:crypto'
import { parseArgs } from 'node:util'
import { catalogue, describeError, EXIT, programFault, UsageError } from '@ankang/protocol'
import { type Logger, pino } from 'pino'
import { buildHttpServer } from './api/http-server.ts'
import { startEmbeddedBroker } from './broker/embedded-broker.ts'
import { type ConfigFlags, type ControllerConfig, readConfig, readReceiptKey } from './config.ts'
import { followDevices } from './fleet/device-channels.ts'
import { Fleet } from './fleet/fleet.ts'
import { LiveFeed } from './fleet/live-feed.ts'
import { scenes } from './index.ts'
import { deviceDirectory } from './ingest/device-directory.ts'
import { startHeadIntake } from './ingest/head-intake.ts'
import { Ingest } from './ingest/ingest.ts'
import { ReceiptSigner } from './ingest/receipts.ts'
import { Refusals } from './ingest/refusals.ts'
import type { Log } from './log.ts'
import { listenOnFreePort } from './port-fallback.ts'
import { completeDaybook } from './store/daybook.ts'
import { RecordReader } from './store/record-reader.ts'
import { SqliteLedger } from './store/sqlite-ledger.ts'
import { openStore } from './store/store.ts'
import { Tallies } from './store/tally.ts'

const HELP = `ankang-controller --config FILE [--http-port N] [--mqtt-port N] [--check-config]

控制中心：接收各设备的记录，校验、存储、签发回执，并提供实时页面。
The centre: takes the devices' records, checks and stores them, gives receipts, serves the live page.

  --config FILE     configuration, JSON; paths in it are relative to its folder
  --http-port N     instead of http.port        --mqtt-port N   instead of mqtt.port
  --check-config    read configuration and key, then stop
  --help            this text

Example:
  ankang-controller --config .ankang/controller/config.json
`

export interface RunningController {
  /** With a slash at the end. */
  readonly httpUrl: string
  readonly mqttUrl: string
  close(): Promise<void>
}

type Closing = () => unknown

/** Puts the parts together and starts them. What was started is stopped again when a later part fails. */
export async function startController(config: ControllerConfig, log: Log): Promise<RunningController> {
  const closings: Closing[] = []
  const close = async (): Promise<void> => {
    for (const closing of closings.splice(0).reverse()) await closing()
  }
  try {
    const nowMs = Date.now
    const directory = deviceDirectory(config.devices)
    const receiptKey = await readReceiptKey(config)
    const store = openStore(config.store.file, { random: randomBytes })
    closings.push(store.close)
    completeDaybook(store.db, scenes, records =>
      log.info({ event: 'daybook', records }, 'entering older records by their days, once; this takes 12 s a million'),
    )
    const tallies = new Tallies(store)
    const feed = new LiveFeed()
    const refusals = new Refusals(log)
    const reader = new RecordReader(store)
    const ledger = new SqliteLedger(store)
    const standing = { isConnected: () => true, isRevoked: () => false, quarantined: () => 0, desiredVersion: () => 0 }
    const fleet = new Fleet({ directory, reader, tallies, feed, catalogue, scenes, standing, nowMs })

    const broker = await startEmbeddedBroker(config.mqtt, log)
    closings.push(broker.close)
    const { postman } = broker
    const receipts = new ReceiptSigner(receiptKey, store.generation, nowMs)
    const ingest = new Ingest({ postman, directory, scenes, ledger, receipts, refusals, listener: fleet, log, nowMs })
    await ingest.start()
    await startHeadIntake({ postman, directory, ledger, refusals, listener: fleet, log, nowMs })
    await followDevices({ postman, directory, refusals, fleet, catalogue, births: [] })

    const server = await buildHttpServer({
      fleet,
      tallies,
      feed,
      storeFault: () => ingest.storeFault,
      refused: () => refusals.counts(),
      log,
    })
    closings.push(() => server.close())
    const { host } = config.http
    const address = await listenOnFreePort('http', config.http, port => server.listen({ host, port }))
    return { httpUrl: `${address}/`, mqttUrl: broker.url, close }
  } catch (error) {
    await close()
    throw error
  }
}

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

async function run(config: ControllerConfig, log: Logger): Promise<void> {
  const stopped = stopSignal()
  const controller = await startController(config, log)
  const { httpUrl, mqttUrl } = controller
  log.info({ event: 'ready', httpUrl, mqttUrl, devices: config.devices.length }, 'ready')
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
      deviceDirectory(config.devices)
      await readReceiptKey(config)
      process.stdout.write(`${parsed.file}: 配置无误 configuration is good, ${config.devices.length} 台设备 devices\n`)
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
