import { EnvironmentError } from '@ankang/protocol'
import type { DeviceConfig, ReaderConfig } from '../config.ts'
import type { DeclaredLength } from '../framing/line-framer.ts'
import type { Clock } from '../ports/clock.ts'
import type { Display } from '../ports/display.ts'
import type { Reader } from '../ports/reader.ts'
import type { Relay } from '../ports/relay.ts'
import type { Vehicle } from '../ports/vehicle.ts'
import type { Voice } from '../ports/voice.ts'
import { CameraReader } from './camera/camera-reader.ts'
import { FrameFolderReader } from './camera/frame-folder-reader.ts'
import { RecorderRelay } from './recorder/recorder-relay.ts'
import { RecorderVoice } from './recorder/recorder-voice.ts'
import { LineReader } from './serialport/line-reader.ts'
import { VehicleLine } from './serialport/vehicle-line.ts'
import { FileDisplay } from './sharp/file-display.ts'
import { loadPicture } from './sharp/picture.ts'
import { WorkerDecoder } from './zxing/worker-decoder.ts'

/* From the `kind` in the configuration to the adapter behind the port. */

interface Surroundings {
  /** Folder of the configuration file; relative paths start there. */
  readonly folder: string
  readonly at: (path: string) => string
  readonly clock: Clock
  /** What the code families say of a code's length by its first bytes: some hold every byte, delimiters too. */
  readonly declaredLength: DeclaredLength
}

type Maker<K extends ReaderConfig['kind']> = (
  config: Extract<ReaderConfig, { kind: K }>,
  around: Surroundings,
) => Reader

const monotonic = (clock: Clock) => () => clock.monotonicMs()

/** A busy machine delivers one code in pieces tens of milliseconds apart; only without a delimiter must silence be short. */
const IDLE_GAP_MS = { ends: 50, clears: 500 } as const

const READERS: { readonly [K in ReaderConfig['kind']]: Maker<K> } = {
  line: (config, { at, clock, declaredLength }) =>
    new LineReader({
      ...config,
      declaredLength,
      path: at(config.path),
      idleGapMs: config.idleGapMs ?? IDLE_GAP_MS[config.delimiter === 'idle' ? 'ends' : 'clears'],
      nowMs: monotonic(clock),
    }),
  camera: (config, { folder, clock }) =>
    new CameraReader({ ...config, cwd: folder, decoder: new WorkerDecoder(), nowMs: monotonic(clock) }),
  frames: (config, { at, clock }) =>
    new FrameFolderReader({
      ...config,
      folder: at(config.folder),
      loadPicture,
      decoder: new WorkerDecoder(),
      nowMs: monotonic(clock),
    }),
}

export function makeReader(config: ReaderConfig, around: Surroundings): Reader {
  switch (config.kind) {
    case 'line':
      return READERS.line(config, around)
    case 'camera':
      return READERS.camera(config, around)
    case 'frames':
      return READERS.frames(config, around)
  }
}

/** Without one configured: a box that moves nothing, and says so to whoever wants to open something. */
export function makeRelay(config: DeviceConfig['relay'], { at, clock }: Surroundings): Relay {
  if (config === undefined) return { pulse: refusePulse, allOff: async () => undefined }
  return new RecorderRelay({ file: at(config.file), outputs: ['door'], nowMs: () => clock.nowMs() })
}

async function refusePulse(output: string): Promise<never> {
  throw new EnvironmentError(
    'relay-missing',
    `nothing to move ${output} with: this box has no relay; configure \`relay\``,
    { retryable: false },
  )
}

/** Null without one configured: a box that stands still. */
export function makeVehicle(config: DeviceConfig['vehicle'], { at, clock }: Surroundings): Vehicle | null {
  if (config === undefined) return null
  const { name, path, baudRate } = config
  return new VehicleLine({ name, path: at(path), baudRate, clock })
}

/** Without one configured: a box that shows nothing. */
export function makeDisplay(config: DeviceConfig['display'], { at }: Surroundings): Display {
  if (config === undefined) return { show: async () => undefined, close: async () => undefined }
  const { width, height, png, framebuffer, format, strideBytes } = config
  return new FileDisplay({
    width,
    height,
    ...(png === undefined ? {} : { png: at(png) }),
    ...(framebuffer === undefined
      ? {}
      : { framebuffer: { file: at(framebuffer), format, ...(strideBytes === undefined ? {} : { strideBytes }) } }),
  })
}

/** Without one configured: a box that says nothing. */
export function makeVoice(config: DeviceConfig['voice'], { at, clock }: Surroundings): Voice {
  if (config === undefined) return { play: async () => undefined, close: async () => undefined }
  return new RecorderVoice({ file: at(config.file), nowMs: () => clock.nowMs() })
}
