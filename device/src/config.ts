import { isTopicId, parseJson, parseWith } from '@ankang/protocol'
import * as v from 'valibot'

/*
 * The device's configuration file. Unknown keys are refused; paths are relative to the file's folder.
 */
const positive = v.pipe(v.number(), v.integer(), v.minValue(1))
const path = v.pipe(v.string(), v.minLength(1))
const name = v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,40}$/, 'expected a-z, 0-9 and -'))
/** Site and device are parts of topics. */
const topicId = v.pipe(name, v.check(isTopicId, 'is reserved for a topic of everyone; take another'))

const lineReader = v.strictObject({
  kind: v.literal('line'),
  name,
  path,
  baudRate: v.optional(positive, 115_200),
  delimiter: v.optional(v.picklist(['cr', 'lf', 'crlf', 'etx', 'idle']), 'cr'),
  /** By default 50 where silence ends a code, else 500: then it only ends what a cut cable left. */
  idleGapMs: v.optional(positive),
  maxBytes: v.optional(positive, 4096),
  /**
   * The same code again sooner than this after it last came is the same showing. 0 is off: many scanners do it
   * themselves. Buses, where a phone is held before a scanner that reads without pause, use 1500.
   */
  holdMs: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 0),
})

const cameraReader = v.strictObject({
  kind: v.literal('camera'),
  name,
  command: v.pipe(v.array(v.string()), v.minLength(1)),
  width: v.optional(positive, 640),
  height: v.optional(positive, 480),
  holdMs: v.optional(positive, 1000),
})

const framesReader = v.strictObject({ kind: v.literal('frames'), name, folder: path })

const recorder = v.strictObject({ kind: v.literal('recorder'), file: path })

const display = v.strictObject({
  kind: v.literal('file'),
  width: v.optional(positive, 800),
  height: v.optional(positive, 480),
  png: v.optional(path),
  framebuffer: v.optional(path),
  format: v.optional(v.picklist(['rgb565', 'xrgb8888']), 'rgb565'),
  strideBytes: v.optional(positive),
})

/** The on-board unit that says where a bus is; a second serial line. */
const vehicleLine = v.strictObject({
  kind: v.literal('line'),
  name: v.optional(name, 'vehicle'),
  path,
  baudRate: v.optional(positive, 9600),
})

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const

/** `scheme://host:port` and nothing more; a host may be a name, or an address in brackets where it is of IPv6. */
const addressOf = (schemes: string, example: string) =>
  v.pipe(
    v.string(),
    v.regex(
      new RegExp(`^(?:${schemes})://(?:[A-Za-z0-9.-]+|\\[[0-9a-fA-F:.]+\\])(?::[0-9]{1,5})?$`),
      `expected ${example}`,
    ),
    v.check((url: string) => URL.canParse(url), 'expected a port up to 65535'),
  )

const LOOPBACK = /^mqtt:\/\/(?:localhost|127(?:\.[0-9]{1,3}){3}|\[::1\])(?::|$)/

const controller = v.strictObject({
  /** Without TLS whoever is on the way reads and writes: only a broker on this machine may be spoken to so. */
  url: v.pipe(
    addressOf('mqtts?', 'mqtts://host:port'),
    v.check(
      url => url.startsWith('mqtts:') || LOOPBACK.test(url),
      'without TLS only this machine may be spoken to (127.0.0.1, [::1], localhost); expected mqtts://host:port',
    ),
  ),
  /** Where certificates come from. Default: port 8443 of the broker's host. */
  enrolUrl: v.optional(addressOf('https', 'https://host:port')),
  clientCertFile: v.optional(path, 'client.crt'),
  /** May be the same as `keyFile`; made when the box is enrolled and there is none. */
  clientKeyFile: v.optional(path, 'client.key'),
  caFile: v.optional(path, 'ca.crt'),
})
const OVERRIDABLE = v.looseObject({ controller: v.optional(v.record(v.string(), v.unknown())) })

const DEVICE_CONFIG = v.strictObject({
  site: topicId,
  device: topicId,
  scene: v.string(),
  keyFile: path,
  trustFile: path,
  policyFile: path,
  journal: v.strictObject({ file: path, keepDays: v.optional(positive, 30) }),
  controller: v.optional(controller),
  readers: v.pipe(
    v.array(v.variant('kind', [lineReader, cameraReader, framesReader])),
    v.minLength(1, 'expected at least one reader'),
  ),
  /** A box that moves nothing, such as a validator on a bus, has none. */
  relay: v.optional(recorder),
  vehicle: v.optional(vehicleLine),
  display: v.optional(display),
  voice: v.optional(recorder),
  logLevel: v.optional(v.picklist(LOG_LEVELS), 'info'),
})

export type DeviceConfig = v.InferOutput<typeof DEVICE_CONFIG>
export type ControllerConfig = NonNullable<DeviceConfig['controller']>
export type ReaderConfig = DeviceConfig['readers'][number]
export type LineReaderConfig = Extract<ReaderConfig, { kind: 'line' }>

/** What flags and environment may say instead of the file. */
export interface ConfigOverrides {
  readonly controllerUrl?: string | undefined
}

/** Throws `config-invalid`, naming each wrong place. */
export function parseDeviceConfig(text: string, source: string, { controllerUrl }: ConfigOverrides = {}): DeviceConfig {
  const context = { code: 'config-invalid', source }
  const json = parseJson(text, context)
  if (controllerUrl === undefined) return parseWith(DEVICE_CONFIG, json, context)
  const { controller, ...others } = parseWith(OVERRIDABLE, json, context)
  return parseWith(DEVICE_CONFIG, { ...others, controller: { ...controller, url: controllerUrl } }, context)
}
