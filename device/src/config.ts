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

const DEVICE_CONFIG = v.strictObject({
  site: topicId,
  device: topicId,
  scene: v.string(),
  keyFile: path,
  trustFile: path,
  policyFile: path,
  journal: v.strictObject({ file: path, keepDays: v.optional(positive, 30) }),
  controller: v.optional(
    v.strictObject({ url: v.pipe(v.string(), v.regex(/^mqtts?:\/\/[^/\s]+$/, 'expected mqtt://host:port')) }),
  ),
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
export type ReaderConfig = DeviceConfig['readers'][number]
export type LineReaderConfig = Extract<ReaderConfig, { kind: 'line' }>

/** Throws `config-invalid`, naming each wrong place. */
export function parseDeviceConfig(text: string, source: string): DeviceConfig {
  const context = { code: 'config-invalid', source }
  return parseWith(DEVICE_CONFIG, parseJson(text, context), context)
}
