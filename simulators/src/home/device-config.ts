import type { HomePaths } from './home-paths.ts'
import { writeWholeFile } from './key-file.ts'
import type { VirtualPost } from './virtual-posts.ts'

/** The virtual camera's picture. */
export const CAMERA_FRAME = { width: 640, height: 480 } as const

/** How long a code must be out of the virtual camera's sight before it counts as shown again. */
export const CAMERA_HOLD_MS = 300

/** How long after it last came the same code at a bus's scanner is the same showing. */
export const BUS_SCANNER_HOLD_MS = 1500

/** Where a device finds the centre: the broker, and the desk that enrols it and renews its certificate. */
export interface CentreAddress {
  /** `mqtts://host:port`. */
  readonly mqttUrl: string
  /** `https://host:port`; absent for a post that stands alone. */
  readonly enrolUrl?: string
}

/** Nobody listens there: a box far from any line. */
export const NO_CENTRE: CentreAddress = { mqttUrl: 'mqtt://127.0.0.1:9' }

function readerConfig({ scene, reader }: VirtualPost): object {
  if (reader === 'camera')
    return { kind: 'camera', name: reader, command: ['cat', 'camera.pipe'], ...CAMERA_FRAME, holdMs: CAMERA_HOLD_MS }
  return {
    kind: 'line',
    name: reader,
    path: 'scanner.line',
    baudRate: 115_200,
    delimiter: 'cr',
    maxBytes: 4096,
    ...(scene === 'bus' ? { holdMs: BUS_SCANNER_HOLD_MS } : {}),
  }
}

/** What the scene needs besides reader, display and voice. */
const SCENE_PARTS: Readonly<Record<VirtualPost['scene'], object>> = {
  'hall-door': { relay: { kind: 'recorder', file: 'relay.jsonl' } },
  bus: { vehicle: { kind: 'line', path: 'vehicle.line', baudRate: 9600 } },
}

/** Writes a post's `config.json` anew, since a port of an earlier run says nothing about this one. */
export function writeDeviceConfig(paths: HomePaths, post: VirtualPost, { mqttUrl, enrolUrl }: CentreAddress): string {
  const { site, device, scene } = post
  const file = paths.device(device).config
  const config = {
    site,
    device,
    scene,
    keyFile: 'device.key',
    trustFile: '../../trust/trust.json',
    policyFile: `../../trust/policies/${scene}.json`,
    journal: { file: 'journal.sqlite', keepDays: 30 },
    controller: { url: mqttUrl, ...(enrolUrl === undefined ? {} : { enrolUrl }) },
    readers: [readerConfig(post)],
    ...SCENE_PARTS[scene],
    display: { kind: 'file', width: 800, height: 480, png: 'display.png', framebuffer: 'display.fb', format: 'rgb565' },
    voice: { kind: 'recorder', file: 'voice.jsonl' },
    logLevel: 'info',
  }
  writeWholeFile(file, `${JSON.stringify(config, null, 2)}\n`)
  return file
}
