import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeCertificateRequest } from '@ankang/device/parts'
import {
  BugError,
  countersign,
  type DeviceAddress,
  exportEd25519,
  exportPrivateKeyPem,
  type PrivateKey,
  privateKeyFromSeed,
  type RenewalRequest,
  toHex,
} from '@ankang/protocol'
import * as v from 'valibot'
import type { HomePaths } from '../home/home-paths.ts'
import { ankangJson } from '../virtual/ankang-command.ts'
import type { LineIdentity } from './light-device.ts'

const ANSWERS = v.object({ answers: v.array(v.object({ device: v.string(), certificate: v.string() })) })

/** A box with its keys and its certificate. */
export interface FleetIdentity {
  readonly address: DeviceAddress
  readonly deviceKey: PrivateKey
  readonly identity: LineIdentity
}

async function requestOf(address: DeviceAddress, deviceKey: PrivateKey, issuedAt: number): Promise<RenewalRequest> {
  const { pem, der } = await makeCertificateRequest(address, deviceKey)
  const request = { ...address, publicKey: toHex(exportEd25519(deviceKey)), issuedAt }
  return { ...request, csr: pem, countersignature: countersign(request, der, deviceKey) }
}

/** Enrols many boxes at once, as a workshop does: their requests in one file, at the controller's own machine. The line's key is the device key. */
export async function enrolFleet(
  paths: HomePaths,
  addresses: readonly DeviceAddress[],
  nowSeconds: number,
): Promise<readonly FleetIdentity[]> {
  const boxes = addresses.map(address => ({ address, deviceKey: privateKeyFromSeed(randomBytes(32)) }))
  const requests: string[] = []
  for (const { address, deviceKey } of boxes)
    requests.push(JSON.stringify(await requestOf(address, deviceKey, nowSeconds)))
  const file = join(paths.root, 'fleet-requests.jsonl')
  writeFileSync(file, `${requests.join('\n')}\n`)
  const { answers } = await ankangJson(['device', 'enroll', '--home', paths.root, '--requests', file], ANSWERS)
  const certificates = new Map(answers.map(({ device, certificate }) => [device, certificate]))
  const ca = readFileSync(paths.caCertificate, 'utf8')
  return boxes.map(({ address, deviceKey }) => {
    const certificate = certificates.get(address.device)
    if (certificate === undefined)
      throw new BugError('certificate-missing', `no certificate came for ${address.device}`)
    return { address, deviceKey, identity: { ca, certificate, key: exportPrivateKeyPem(deviceKey) } }
  })
}
