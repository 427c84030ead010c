import { randomBytes } from 'node:crypto'
import { statSync } from 'node:fs'
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
import { MqttLink } from './adapters/mqtt/mqtt-link.ts'
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
  const config = parseDeviceConfig(readTextFile(file, '/'), values.config)
  const url = values['controller-url'] ?? process.env['ANKANG_CONTROLLER_URL']
  const wantedLevel = values['log-level'] ?? process.env['ANKANG_LOG_LEVEL']
  const logLevel = wantedLevel === undefined ? config.logLevel : LOG_LEVELS.find(level => level === wantedLevel)
  if (logLevel === undefined)
    throw new UsageError('usage', `log level: expected ${LOG_LEVELS.join(', ')}, got ${wantedLevel}`)
  return {
    config: { ...config, logLevel, ...(url === undefined ? {} : { controller: { url } }) },
    folder: dirname(file),
  }
}

/** What others can read is no secret. Throws `key-file-open`. */
function insistOnOwnerOnly(path: string): void {
  const mode = statSync(path).mode & 0o777
  if ((mode & 0o077) !== 0) {
    throw new UsageError(
      'key-file-open',
      `${path}: expected to be readable by its owner alone (0600), it is 0${mode.toString(8)}; run chmod 600 on it`,
    )
  }
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

function compose({ config, folder }: Settings, material: ReturnType<typeof loadMaterial>, log: DeviceLog): Device {
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
  const address = { site: config.site, device: config.device }
  const link =
    config.controller === undefined
      ? null
      : new MqttLink({ url: config.controller.url, address, listen: ['receipts'], random: Math.random })
  return new Device({
    ...material,
    site: config.site,
    catalogue,
    clock,
    random,
    journal,
    link,
    log,
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

/** Stops once, whatever was asked how often. */
function untilSignal(): Promise<NodeJS.Signals> {
  return new Promise(done => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => done(signal))
  })
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
  const stopAsked = untilSignal()
  const device = compose(settings, material, makeLog(settings.config.logLevel, settings.config.device))
  await device.start()
  await stopAsked
  await device.stop()
  return EXIT.done
}

try {
  process.exit(await run())
} catch (error) {
  const { text, exitCode } = programFault('ankang-device', error)
  process.stderr.write(text)
  process.exit(exitCode)
}
