import { join, resolve } from 'node:path'

/** The site of the two virtual doors. */
export const HALL_SITE = 'hall'

/** The virtual doors and what each reads with. */
export const HALL_DOORS = [
  { device: 'hall-door-1', reader: 'scanner' },
  { device: 'hall-door-2', reader: 'camera' },
] as const
export type HallDoor = (typeof HALL_DOORS)[number]

/** Where everything of one demonstration lies. */
export interface HomePaths {
  readonly root: string
  readonly lock: string
  readonly city: string
  readonly countyKey: string
  readonly trust: string
  readonly policy: string
  readonly controller: string
  readonly controllerConfig: string
  readonly receiptKey: string
  device(id: string): DevicePaths
}

export interface DevicePaths {
  readonly folder: string
  readonly config: string
  readonly key: string
  readonly relay: string
  readonly cameraPipe: string
  readonly scannerLine: string
}

export function homePaths(directory: string): HomePaths {
  const root = resolve(directory)
  const device = (id: string): DevicePaths => {
    const folder = join(root, 'devices', id)
    return {
      folder,
      config: join(folder, 'config.json'),
      key: join(folder, 'device.key'),
      relay: join(folder, 'relay.jsonl'),
      cameraPipe: join(folder, 'camera.pipe'),
      scannerLine: join(folder, 'scanner.line'),
    }
  }
  return {
    root,
    lock: join(root, 'sim.lock'),
    city: join(root, 'city'),
    countyKey: join(root, 'county', 'county.key'),
    trust: join(root, 'trust', 'trust.json'),
    policy: join(root, 'trust', 'policies', 'hall-door.json'),
    controller: join(root, 'controller'),
    controllerConfig: join(root, 'controller', 'config.json'),
    receiptKey: join(root, 'controller', 'receipt.key'),
    device,
  }
}
