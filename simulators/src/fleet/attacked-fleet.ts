import { join } from 'node:path'
import { BugError, type DeviceAddress } from '@ankang/protocol'
import { homePaths } from '../home/home-paths.ts'
import { prepareHome } from '../home/prepare-home.ts'
import { startController } from '../virtual/virtual-controller.ts'
import type { AttackTarget } from './attacks/attack.ts'
import { enrolFleet } from './fleet-identities.ts'
import { LightDevice, type LineIdentity } from './light-device.ts'

export interface AttackedFleet {
  /** Connected, and about their work. */
  readonly honest: readonly LightDevice[]
  readonly target: AttackTarget
  close(): Promise<void>
}

const SITE = 'hall'

/** What another county's authority says of a box: the right name, the wrong CA. */
async function forgedIdentity(directory: string, address: DeviceAddress, nowSeconds: number): Promise<LineIdentity> {
  prepareHome({ directory, now: nowSeconds, httpPort: 0, mqttPort: 0 })
  const [forged] = await enrolFleet(homePaths(directory), [address], nowSeconds)
  if (forged === undefined) throw new BugError('fleet-empty', 'expected one identity')
  return forged.identity
}

/** A controller with `honest` boxes on the line and one more in an attacker's hands. Throws what its parts throw; then nothing is left open. */
export async function openAttackedFleet(directory: string, honest: number): Promise<AttackedFleet> {
  const nowSeconds = Math.floor(Date.now() / 1000)
  prepareHome({ directory, now: nowSeconds, httpPort: 0, mqttPort: 0 })
  const paths = homePaths(directory)
  const { process: controller, address } = await startController(paths.controllerConfig)
  try {
    const names = Array.from({ length: honest + 1 }, (_, place) => ({ site: SITE, device: `box-${place}` }))
    const [stolen, ...others] = await enrolFleet(paths, names, nowSeconds)
    const [victim] = others
    if (stolen === undefined || victim === undefined)
      throw new BugError('fleet-empty', 'expected at least one honest box')
    const devices = others.map(other => new LightDevice(other))
    await Promise.all(devices.map(device => device.connect(address.mqttUrl)))
    const mqtt = new URL(address.mqttUrl)
    const target: AttackTarget = {
      host: mqtt.hostname,
      mqttPort: Number(mqtt.port),
      httpPort: Number(new URL(address.httpUrl).port),
      ca: stolen.identity.ca,
      stolen: { ...stolen.address, identity: stolen.identity },
      forged: await forgedIdentity(join(directory, 'another-county'), victim.address, nowSeconds),
      victim: victim.address,
    }
    return {
      honest: devices,
      target,
      close: async () => {
        await Promise.all(devices.map(device => device.close()))
        await controller.stop()
      },
    }
  } catch (error) {
    await controller.stop()
    throw error
  }
}
