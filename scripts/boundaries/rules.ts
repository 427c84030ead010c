/*
 * The house rules on who may import what, as data. Arrows point only down:
 *
 *   simulators ─▶ device ─▶ protocol ◀─ controller
 */

export type PackageName = 'protocol' | 'device' | 'controller' | 'simulators'

export interface PackageRules {
  /** Packages of this house it may import. */
  readonly ours: readonly PackageName[]
  /** Third-party packages, and the folders under src/ that may import each; '' is everywhere. */
  readonly foreign: Readonly<Record<string, readonly string[]>>
  /** Node's own modules it may import, and where; null is any, anywhere but in the pure folders. */
  readonly node: Readonly<Record<string, readonly string[]>> | null
  /** Folders under src/ that import nothing of Node's: what they need comes through ports. */
  readonly pure: readonly string[]
}

const EVERYWHERE = ['']

export const PACKAGE_RULES: Readonly<Record<PackageName, PackageRules>> = {
  protocol: {
    ours: [],
    foreign: { tweetnacl: EVERYWHERE, valibot: EVERYWHERE },
    node: {
      'node:crypto': ['crypto.ts'],
      'node:zlib': ['codec/inflate.ts', 'codec/status-list.ts', 'record/batch.ts'],
    },
    pure: [],
  },
  device: {
    ours: ['protocol'],
    foreign: {
      valibot: EVERYWHERE,
      '@expo-google-fonts/noto-sans-sc': ['adapters/sharp/'],
      '@peculiar/x509': ['adapters/x509/'],
      'reflect-metadata': ['adapters/x509/'],
      'better-sqlite3': ['adapters/sqlite/'],
      mqtt: ['adapters/mqtt/'],
      nanoid: ['adapters/'],
      pino: ['adapters/pino/'],
      serialport: ['adapters/serialport/'],
      sharp: ['adapters/sharp/'],
      'zxing-wasm': ['adapters/zxing/'],
    },
    node: null,
    pure: ['pipeline/', 'scenes/', 'ports/', 'framing/', 'timing/', 'uplink/', 'enrolment/'],
  },
  controller: {
    ours: ['protocol'],
    foreign: {
      valibot: EVERYWHERE,
      '@fastify/static': ['web/'],
      '@node-rs/argon2': ['people/'],
      '@peculiar/x509': ['identity/'],
      '@valibot/to-json-schema': ['api/'],
      cookie: ['api/'],
      otpauth: ['people/'],
      'prom-client': ['api/'],
      qrcode: ['api/', 'identity/'],
      'reflect-metadata': ['identity/'],
      aedes: ['broker/'],
      'better-sqlite3': ['store/'],
      fastify: ['api/', 'web/'],
      mqtt: ['broker/'],
      pino: ['main.ts'],
    },
    node: null,
    pure: [],
  },
  simulators: {
    ours: ['protocol', 'device'],
    foreign: {
      valibot: EVERYWHERE,
      'better-sqlite3': ['bench/'],
      mqtt: ['fleet/'],
      'mqtt-packet': ['fleet/'],
      pino: EVERYWHERE,
      qrcode: ['phone/'],
      sharp: EVERYWHERE,
      'zxing-wasm': ['bench/'],
    },
    node: null,
    pure: [],
  },
}

/** The only readers of arguments and environment: the composition roots, and two that hand an environment on. */
export const PROCESS_READERS: readonly string[] = [
  'device/src/main.ts',
  'controller/src/main.ts',
  'device/src/adapters/sharp/load-sharp.ts', // fontconfig takes its folder from the environment and from nowhere else
  'simulators/src/bench/picture-sets.ts', // the published pictures are named as for the tests, by ANKANG_VECTORS
  'simulators/src/virtual/program-process.ts', // starts programs, with an environment cleaned of ours
]

export const MAX_LINES = 400

/** What must never be in the bundled device program: module paths that begin or contain one of these. */
export const BANNED_IN_DEVICE_BUNDLE: readonly string[] = [
  'controller/',
  'simulators/',
  'node_modules/fastify/',
  'node_modules/@fastify/',
  'node_modules/aedes/',
  'node_modules/pg/',
]

/**
 * Budget of the bundled device entry, without native modules and the zxing worker: what a box loads before it is ready.
 * About 15 % above the size measured; a new dependency that passes it needs a reason, or a lazy import.
 */
export const DEVICE_ENTRY_BUDGET_BYTES = 690_000
