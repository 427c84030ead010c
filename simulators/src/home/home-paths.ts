import { join, resolve } from 'node:path'

/** Where everything of one demonstration lies. */
export interface HomePaths {
  readonly root: string
  readonly lock: string
  readonly city: string
  /** Opens what records seal of persons. */
  readonly countyKey: string
  /** Opens what records seal of codes, for the clearing house. */
  readonly clearingKey: string
  readonly dayKeys: string
  readonly trust: string
  readonly controller: string
  readonly controllerConfig: string
  readonly receiptKey: string
  /** Signs orders to boxes. */
  readonly commandKey: string
  /** Signs what boxes are to be like. */
  readonly desiredKey: string
  readonly caCertificate: string
  policy(scene: string): string
  device(id: string): DevicePaths
}

export interface DevicePaths {
  readonly folder: string
  readonly config: string
  readonly key: string
  readonly clientCertificate: string
  readonly relay: string
  readonly voice: string
  readonly cameraPipe: string
  readonly scannerLine: string
  readonly vehicleLine: string
}

export function homePaths(directory: string): HomePaths {
  const root = resolve(directory)
  const device = (id: string): DevicePaths => {
    const folder = join(root, 'devices', id)
    return {
      folder,
      config: join(folder, 'config.json'),
      key: join(folder, 'device.key'),
      clientCertificate: join(folder, 'client.crt'),
      relay: join(folder, 'relay.jsonl'),
      voice: join(folder, 'voice.jsonl'),
      cameraPipe: join(folder, 'camera.pipe'),
      scannerLine: join(folder, 'scanner.line'),
      vehicleLine: join(folder, 'vehicle.line'),
    }
  }
  return {
    root,
    lock: join(root, 'sim.lock'),
    city: join(root, 'city'),
    countyKey: join(root, 'county', 'county.key'),
    clearingKey: join(root, 'county', 'clearing.key'),
    dayKeys: join(root, 'county', 'day-keys.secret'),
    trust: join(root, 'trust', 'trust.json'),
    controller: join(root, 'controller'),
    controllerConfig: join(root, 'controller', 'config.json'),
    receiptKey: join(root, 'controller', 'receipt.key'),
    commandKey: join(root, 'controller', 'command.key'),
    desiredKey: join(root, 'controller', 'desired.key'),
    caCertificate: join(root, 'ca', 'ca.crt'),
    policy: scene => join(root, 'trust', 'policies', `${scene}.json`),
    device,
  }
}
