import type { Catalogue, DEVICE_LOG_LEVELS, Policy, PrivateKey, Scene, Trust } from '@ankang/protocol'
import type { Outputs } from './pipeline/act.ts'
import type { Clock } from './ports/clock.ts'
import type { Journal } from './ports/journal.ts'
import type { Keep } from './ports/keep.ts'
import type { Link } from './ports/link.ts'
import type { Reader } from './ports/reader.ts'
import type { DeviceScene } from './scenes/device-scene.ts'

export type LogLevel = (typeof DEVICE_LOG_LEVELS)[number]

/** Structured lines for whoever runs the box; `event` is what other programs rely on. */
export interface DeviceLog {
  info(fields: Readonly<Record<string, unknown>>, text: string): void
  warn(fields: Readonly<Record<string, unknown>>, text: string): void
  error(fields: Readonly<Record<string, unknown>>, text: string): void
  /** Lines below it are no longer written; until the next start. */
  setLevel(level: LogLevel): void
}

/** Everything a device is made of, chosen by the composition root. */
export interface DeviceParts {
  readonly site: string
  readonly scene: { readonly rules: Scene; readonly device: DeviceScene }
  readonly catalogue: Catalogue
  readonly trust: Trust
  readonly policy: Policy
  readonly key: PrivateKey
  /** The machine's; how far it can be trusted is found out here. */
  readonly clock: Clock
  readonly random: (lengthBytes: number) => Uint8Array
  readonly journal: Journal
  readonly keep: Keep
  readonly readers: readonly Reader[]
  readonly outputs: Outputs
  /** Null: a site without a line. */
  readonly link: Link | null
  readonly keepMs: number
  readonly firmware: string
  readonly hardware: string
  readonly residentBytes: () => number
  readonly log: DeviceLog
  /** What the box's own file says, for where the centre wishes nothing else. */
  readonly logLevel: LogLevel
  /** The centre has ordered a restart, and its answer is on the way: stop, and exit so that a supervisor starts anew. */
  readonly onRestartOrdered: () => void
}
