import { HALL_SITE, type HallDoor, type HomePaths } from './home-paths.ts'
import { writeWholeFile } from './key-file.ts'

/** What a virtual door's hardware turned out to be in this run. */
export interface DoorHardware {
  readonly door: HallDoor
  /** `mqtt://…` of the controller. */
  readonly mqttUrl: string
  /** The line the scanner is on; needed for a scanner only. */
  readonly linePath: string | null
}

/** The virtual camera's picture. */
export const CAMERA_FRAME = { width: 640, height: 480 } as const

/** How long a code must be out of the virtual camera's sight before it counts as shown again. */
export const CAMERA_HOLD_MS = 300

function readerConfig({ door, linePath }: DoorHardware): object {
  if (door.reader === 'camera')
    return {
      kind: 'camera',
      name: door.reader,
      command: ['cat', 'camera.pipe'],
      ...CAMERA_FRAME,
      holdMs: CAMERA_HOLD_MS,
    }
  return {
    kind: 'line',
    name: door.reader,
    path: linePath,
    baudRate: 115_200,
    delimiter: 'cr',
    maxBytes: 4096,
  }
}

/** Writes a door's `config.json` anew: a line or a port of an earlier run says nothing about this one. */
export function writeDeviceConfig(paths: HomePaths, hardware: DoorHardware): string {
  const { device } = hardware.door
  const file = paths.device(device).config
  const config = {
    site: HALL_SITE,
    device,
    scene: 'hall-door',
    keyFile: 'device.key',
    trustFile: '../../trust/trust.json',
    policyFile: '../../trust/policies/hall-door.json',
    journal: { file: 'journal.sqlite', keepDays: 30 },
    controller: { url: hardware.mqttUrl },
    readers: [readerConfig(hardware)],
    relay: { kind: 'recorder', file: 'relay.jsonl' },
    display: { kind: 'file', width: 800, height: 480, png: 'display.png', framebuffer: 'display.fb', format: 'rgb565' },
    voice: { kind: 'recorder', file: 'voice.jsonl' },
    logLevel: 'info',
  }
  writeWholeFile(file, `${JSON.stringify(config, null, 2)}\n`)
  return file
}
