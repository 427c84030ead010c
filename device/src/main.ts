import { randomBytes } from 'node:crypto'
import { arch, machine } from 'node:os'
import { dirname, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import {
  catalogue,
  describeError,
  EXIT,
  exportEd25519,
  lengthDeclaredBy,
  programFault,
  secretOf,
  UsageError,
} from '@ankang/protocol'
import { FileKeep } from './adapters/file/file-keep.ts'
import { type BoxIdentity, makeIdentity, makeLink } from './adapters/identity-parts.ts'
import type { MqttLink } from './adapters/mqtt/mqtt-link.ts'
import { makeDisplay, makeReader, makeRelay, makeVehicle, makeVoice } from './adapters/parts.ts'
import { makeLog } from './adapters/pino/log.ts'
import { SqliteJournal } from './adapters/sqlite/sqlite-journal.ts'
import { systemClock } from './adapters/system/system-clock.ts'
import { readTextFile } from './commands/json-file.ts'
import { LOG_LEVELS, parseDeviceConfig } from './config.ts'
import { Device, type DeviceLog } from './device.ts'
import { enrol, renew } from './enrolment/enrol.ts'
import { CertificateRenewal } from './enrolment/renewal.ts'
import { WaitingRoom } from './enrolment/waiting-room.ts'
import { loadMaterial, loadRules, type Material, type Settings } from './material.ts'
import { backgroundTimers, systemTimers } from './timing/timers.ts'

const FIRMWARE = '0.1.0'
const DAY_MS = 86_400_000
/** Try again: whoever supervises this program starts it anew. Source: sysexits, EX_TEMPFAIL. */
const EXIT_RESTART = 75

const HELP = `用法 usage: ankang-device --config FILE [--check-config] [--controller-url URL] [--log-level LEVEL]

一台设备的程序：读码、核验、判定、记录、开门，有网时上传。
The program on one box: reads codes, verifies, decides, records, opens the door, and uploads when there is a line.

  --config FILE          配置文件   the configuration file; paths in it are relative to its folder
  --check-config         只检查   check it and everything it names, then exit
  --controller-url URL   覆盖 controller.url（环境变量 ANKANG_CONTROLLER_URL）
  --log-level LEVEL      ${LOG_LEVELS.join(' | ')}（环境变量 ANKANG_LOG_LEVEL）

例 example: ankang-device --config /etc/ankang/device.json --check-config`

/** File, then environment, then flags: the later wins. Throws `usage`, `config-invalid`. */
function loadSettings(values: {
  config?: string | undefined
  'controller-url'?: string | undefined
  'log-level'?: string | undefined
}): Settings {
  if (values.config === undefined) throw new UsageError('usage', '--config FILE is missing; see ankang-device --help')
  const file = resolve(values.config)
  const controllerUrl = values['controller-url'] ?? process.env['ANKANG_CONTROLLER_URL']
  const config = parseDeviceConfig(readTextFile(file, '/'), values.config, { controllerUrl })
  const wantedLevel = values['log-level'] ?? process.env['ANKANG_LOG_LEVEL']
  const logLevel = wantedLevel === undefined ? config.logLevel : LOG_LEVELS.find(level => level === wantedLevel)
  if (logLevel === undefined)
    throw new UsageError('usage', `log level: expected ${LOG_LEVELS.join(', ')}, got ${wantedLevel}`)
  return { config: { ...config, logLevel }, folder: dirname(file) }
}

interface Surroundings {
  readonly log: DeviceLog
  readonly link: MqttLink | null
  readonly onRestartOrdered: () => void
}

function around({ folder }: Settings) {
  const at = (path: string) => resolve(folder, path)
  return { folder, at, clock: systemClock, declaredLength: lengthDeclaredBy(catalogue.families) }
}

function compose(settings: Settings, material: Material, { log, link, onRestartOrdered }: Surroundings): Device {
  const { config } = settings
  const parts = around(settings)
  const { at, clock } = parts
  const { key } = material
  const random = (lengthBytes: number) => new Uint8Array(randomBytes(lengthBytes))
  const journal = new SqliteJournal({
    file: at(config.journal.file),
    device: config.device,
    publicKey: exportEd25519(key),
    markKey: secretOf(key, 'marks'),
    clock,
    random,
  })
  return new Device({
    ...material,
    site: config.site,
    catalogue,
    clock,
    random,
    journal,
    keep: new FileKeep(at(`${config.journal.file}.kept.json`)),
    link,
    log,
    logLevel: config.logLevel,
    onRestartOrdered,
    readers: config.readers.map(reader => makeReader(reader, parts)),
    outputs: {
      relay: makeRelay(config.relay, parts),
      vehicle: makeVehicle(config.vehicle, parts),
      display: makeDisplay(config.display, parts),
      voice: makeVoice(config.voice, parts),
    },
    keepMs: config.journal.keepDays * DAY_MS,
    firmware: FIRMWARE,
    hardware: `${machine()} ${arch()}`,
    residentBytes: () => process.memoryUsage.rss(),
  })
}

/** The box is nobody's yet: it reads, shows and refuses until it is enrolled (true) or asked to end (false). */
async function waitForEnrolment(
  settings: Settings,
  identity: BoxIdentity,
  log: DeviceLog,
  ended: Promise<number>,
): Promise<boolean> {
  const { config } = settings
  const parts = around(settings)
  await makeRelay(config.relay, parts).allOff()
  const room = new WaitingRoom({
    readers: config.readers.map(reader => makeReader(reader, parts)),
    display: makeDisplay(config.display, parts),
    log,
    timers: systemTimers,
    redeem: async code => enrol(code, await identity.enrolment()),
    isEnrolled: async () => (await identity.current()) !== null,
  })
  await room.start()
  const isEnrolled = await Promise.race([room.enrolled.then(() => true), ended.then(() => false)])
  await room.stop()
  return isEnrolled
}

/** Says what is wrong with a certificate, since the line will not come up, and keeps one that is good. */
function keepCertificate(identity: BoxIdentity, device: Device, link: MqttLink, log: DeviceLog): CertificateRenewal {
  try {
    identity.check()
  } catch (error) {
    device.alarm('identity', describeError(error))
  }
  return new CertificateRenewal({
    current: identity.current,
    renew: async () => renew(await identity.enrolment()),
    reconnect: () => link.reconnect(),
    clock: systemClock,
    timers: backgroundTimers,
    random: Math.random,
    log,
    onAlarm: detail => device.alarm('identity', detail),
  })
}

/** What ends the program, whatever is asked how often: a signal, or the centre's order to start anew. Resolves with the exit code. */
function untilAsked(): { readonly ended: Promise<number>; readonly restart: () => void } {
  let end = (_code: number): void => undefined
  const ended = new Promise<number>(resolve => {
    end = resolve
  })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => end(EXIT.done))
  return { ended, restart: () => end(EXIT_RESTART) }
}

async function run(): Promise<number> {
  const { values } = parseArgs({
    options: {
      config: { type: 'string' },
      'check-config': { type: 'boolean' },
      'controller-url': { type: 'string' },
      'log-level': { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help === true) {
    process.stdout.write(`${HELP}\n`)
    return EXIT.done
  }
  const settings = loadSettings(values)
  const { config } = settings
  const identity = makeIdentity(config, around(settings).at, systemClock)
  const waits = identity !== null && (await identity.current()) === null
  if (values['check-config'] === true) {
    if (waits) loadRules(settings)
    else {
      loadMaterial(settings)
      identity?.check()
    }
    const more = waits ? '，设备等待入网; the box waits for its enrolment code' : ''
    process.stdout.write(`${values.config}: 配置无误 configuration is good${more}\n`)
    return EXIT.done
  }
  const { ended, restart } = untilAsked()
  const log = makeLog(config.logLevel, config.device)
  if (waits) {
    loadRules(settings)
    if (!(await waitForEnrolment(settings, identity, log, ended))) return ended
  }
  const link = makeLink(config, around(settings).at, ['receipts', 'desired', 'commands'])
  const device = compose(settings, loadMaterial(settings), { log, link, onRestartOrdered: restart })
  await device.start()
  const renewal = identity === null || link === null ? null : keepCertificate(identity, device, link, log)
  renewal?.start()
  const exitCode = await ended
  renewal?.stop()
  await device.stop()
  return exitCode
}

try {
  process.exit(await run())
} catch (error) {
  const { text, exitCode } = programFault('ankang-device', error)
  process.stderr.write(text)
  process.exit(exitCode)
}
