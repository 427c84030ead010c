import { resolve } from 'node:path'
import {
  catalogue,
  compileTrust,
  importPrivateKeyPem,
  type Policy,
  type PrivateKey,
  parsePolicy,
  parseTrustFile,
  policyScene,
  type Scene,
  type Trust,
  UsageError,
} from '@ankang/protocol'
import { insistOnOwnerOnly } from './adapters/file/owner-only.ts'
import { readJsonFile, readTextFile } from './commands/json-file.ts'
import type { DeviceConfig } from './config.ts'
import { scenes } from './index.ts'
import type { DeviceScene } from './scenes/device-scene.ts'

/* Everything the configuration names is read before the door opens, so that a broken file is found at start. */

export interface Settings {
  readonly config: DeviceConfig
  /** Of the configuration file; relative paths start there. */
  readonly folder: string
}

/** What a box is, whoever it belongs to. */
export interface Rules {
  readonly scene: { readonly rules: Scene; readonly device: DeviceScene }
  readonly policy: Policy
}

export interface Material extends Rules {
  readonly trust: Trust
  readonly key: PrivateKey
}

function findScene(name: string): Rules['scene'] {
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

/** What comes with the box, enrolled or not. Throws a UsageError that names the file and the place. */
export function loadRules({ config, folder }: Settings): Rules {
  const scene = findScene(config.scene)
  const policyFile = resolve(folder, config.policyFile)
  const policyJson = readJsonFile(policyFile, '/')
  const policyIsFor = policyScene(policyJson, config.policyFile)
  if (policyIsFor !== config.scene) {
    throw new UsageError(
      'policy-of-another-scene',
      `${config.policyFile}: expected a policy for ${config.scene}, it is for ${policyIsFor}`,
    )
  }
  if (scene.rules.policyIsSecret === true) insistOnOwnerOnly(policyFile)
  const policy = parsePolicy(policyJson, catalogue, config.policyFile)
  for (const field of ['challenge', 'onStale'] as const) {
    if (policy[field] !== undefined)
      throw new UsageError(
        'policy-not-served',
        `${config.policyFile}: ${field} asks for what this program cannot do yet; leave it out, or nobody is protected by it`,
      )
  }
  for (const part of scene.device.needs) {
    if (config[part] === undefined)
      throw new UsageError('part-missing', `${part}: expected in the configuration, since ${config.scene} needs it`)
  }
  return { scene, policy }
}

/** And what enrolment brings: whom to believe, and the box's own key. Throws a UsageError that names the file and the place. */
export function loadMaterial(settings: Settings): Material {
  const { config, folder } = settings
  const rules = loadRules(settings)
  const trust = compileTrust(parseTrustFile(readJsonFile(resolve(folder, config.trustFile), '/'), config.trustFile))
  if (rules.scene.rules.keepsEvidence === true && (trust.countyKey === null || trust.clearingKey === null)) {
    throw new UsageError(
      'sealing-keys-missing',
      `${config.trustFile}: expected a key in countyKeys and in clearingKeys, since ${config.scene} seals what the clearing house is to be shown`,
    )
  }
  return { ...rules, trust, key: readKey(resolve(folder, config.keyFile)) }
}

function readKey(path: string): PrivateKey {
  const pem = readTextFile(path, '/')
  insistOnOwnerOnly(path)
  return importPrivateKeyPem(pem)
}
