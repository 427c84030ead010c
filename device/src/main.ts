import { randomBytes } from 'node:crypto'
import { arch, machine } from 'node:os'
import { dirname, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import {
  catalogue,
  compileTrust,
  EXIT,
  exportEd25519,
  importPrivateKeyPem,
  lengthDeclaredBy,
  parsePolicy,
  parseTrustFile,
  policyScene,
  programFault,
  secretOf,
  UsageError,
} from '@ankang/protocol'
import { FileKeep } from './adapters/file/file-keep.ts'
import { insistOnOwnerOnly } from './adapters/file/owner-only.ts'
import { makeLink } from './adapters/identity-parts.ts'
import { makeDisplay, makeReader, makeRelay, makeVehicle, makeVoice } from './adapters/parts.ts'
import { makeLog } from './adapters/pino/log.ts'
import { SqliteJournal } from './adapters/sqlite/sqlite-journal.ts'
import { systemClock } from './adapters/system/system-clock.ts'
import { readJsonFile, readTextFile } from './commands/json-file.ts'
import { type DeviceConfig, LOG_LEVELS, parseDeviceConfig } from './config.ts'
import { Device, type DeviceLog } from './device.ts'
import { scenes } from './index.ts'

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

interface Settings {
  readonly config: DeviceConfig
  readonly folder: string
}

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

function readKey(path: string) {
  const pem = readTextFile(path, '/')
  insistOnOwnerOnly(path)
  return importPrivateKeyPem(pem)
}

function findScene(name: string) {
  const rules = catalogue.scenes.find(scene => scene.name === name)
  const device = scenes.find(scene => scene.name === name)
  if (rules === undefined || device === undefined) {
    throw new UsageError(
      'scene-unknown',
      `scene: expected one of ${scenes.map(scene => scene.name).join(', ')}, got ${JSON.stringify(name)}`,
    )
  }
  return { rules, device }
}

/** Reads everything the configuration names, so that a broken file is found at start and not at the door. */
function loadMaterial({ config, folder }: Settings) {
  const at = (path: string) => resolve(folder, path)
  const scene = findScene(config.scene)
  const policyJson = readJsonFile(at(config.policyFile), '/')
  const policyIsFor = policyScene(policyJson, config.policyFile)
  if (policyIsFor !== config.scene) {
    throw new UsageError(
      'policy-of-another-scene',
      `${config.policyFile}: expected a policy for ${config.scene}, it is for ${policyIsFor}`,
    )
  }
  if (scene.rules.policyIsSecret === true) insistOnOwnerOnly(at(config.policyFile))
  const policy = parsePolicy(policyJson, catalogue, config.policyFile)
  for (const field of ['challenge', 'onStale'] as const) {
    if (policy[field] !== undefined)
      throw new UsageError(
        'policy-not-served',
        `${config.policyFile}: ${field} asks for what this program cannot do yet; leave it out, or nobody is protected by it`,
      )
  }
  const trust = compileTrust(parseTrustFile(readJsonFile(at(config.trustFile), '/'), config.trustFile))
  for (const part of scene.device.needs) {
    if (config[part] === undefined)
      throw new UsageError('part-missing', `${part}: expected in the configuration, since ${config.scene} needs it`)
  }
  if (scene.rules.keepsEvidence === true && (trust.countyKey === null || trust.clearingKey === null)) {
    throw new UsageError(
      'sealing-keys-missing',
      `${config.trustFile}: expected a key in countyKeys and in clearingKeys, since ${config.scene} seals what the clearing house is to be shown`,
    )
  }
  return { scene, policy, trust, key: readKey(at(config.keyFile)) }
}

interface Surroundings {
  readonly log: DeviceLog
  readonly onRestartOrdered: () => void
}

function compose(
  { config, folder }: Settings,
  material: ReturnType<typeof loadMaterial>,
  { log, onRestartOrdered }: Surroundings,
): Device {
  const at = (path: string) => resolve(folder, path)
  const { key } = material
  const clock = systemClock
  const around = { folder, at, clock, declaredLength: lengthDeclaredBy(catalogue.families) }
  const random = (lengthBytes: number) => new Uint8Array(randomBytes(lengthBytes))
  const journal = new SqliteJournal({
    file: at(config.journal.file),
    device: config.device,
    publicKey: exportEd25519(key),
    markKey: secretOf(key, 'marks'),
    clock,
    random,
  })
  const link = makeLink(config, at, ['receipts', 'desired', 'commands'])
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
    readers: config.readers.map(reader => makeReader(reader, around)),
    outputs: {
      relay: makeRelay(config.relay, around),
      vehicle: makeVehicle(config.vehicle, around),
      display: makeDisplay(config.display, around),
      voice: makeVoice(config.voice, around),
    },
    keepMs: config.journal.keepDays * DAY_MS,
    firmware: FIRMWARE,
    hardware: `${machine()} ${arch()}`,
    residentBytes: () => process.memoryUsage.rss(),
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
  const material = loadMaterial(settings)
  if (values['check-config'] === true) {
    process.stdout.write(`${values.config}: 配置无误 configuration is good\n`)
    return EXIT.done
  }
  const { ended, restart } = untilAsked()
  const log = makeLog(settings.config.logLevel, settings.config.device)
  const device = compose(settings, material, { log, onRestartOrdered: restart })
  await device.start()
  const exitCode = await ended
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
