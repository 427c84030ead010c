import { existsSync, rmSync } from 'node:fs'
import { exportEd25519, toHex } from '@ankang/protocol'
import * as v from 'valibot'
import { type CentreAddress, writeDeviceConfig } from '../home/device-config.ts'
import type { HomePaths } from '../home/home-paths.ts'
import { keepSigningKey } from '../home/key-file.ts'
import type { VirtualPost } from '../home/virtual-posts.ts'
import { ankangJson } from './ankang-command.ts'

const CODE = v.object({ typed: v.string() })
const LIST = v.object({
  devices: v.array(v.object({ device: v.string(), publicKey: v.string(), revoked: v.nullable(v.unknown()) })),
})

async function isEnrolled(paths: HomePaths, device: string): Promise<boolean> {
  if (!existsSync(paths.device(device).clientCertificate)) return false
  const { devices } = await ankangJson(['device', 'list', '--home', paths.root], LIST)
  const publicKey = toHex(exportEd25519(keepSigningKey(paths.device(device).key)))
  return devices.some(one => one.device === device && one.publicKey === publicKey && one.revoked === null)
}

/** Writes a post's configuration, and enrols it where there is a centre. Returns the configuration's path. Throws `command-failed`. */
export async function settlePost(paths: HomePaths, post: VirtualPost, centre: CentreAddress): Promise<string> {
  const configFile = writeDeviceConfig(paths, post, centre)
  if (centre.enrolUrl === undefined) keepSigningKey(paths.device(post.device).key)
  else await enrolPost(paths, post, configFile)
  return configFile
}

/**
 * Enrols a post as people do: an operator makes a code, a technician types it at the box. One that is enrolled already is left
 * as it is, and one that lost its certificate takes its own place. Throws `command-failed`.
 */
async function enrolPost(paths: HomePaths, { device, site }: VirtualPost, configFile: string): Promise<void> {
  if (await isEnrolled(paths, device)) return
  rmSync(paths.device(device).clientCertificate, { force: true })
  const { typed } = await ankangJson(
    ['device', 'enroll', '--home', paths.root, '--device', device, '--site', site, '--replace'],
    CODE,
  )
  await ankangJson(['enrol', '--config', configFile, '--code', typed], v.unknown())
}
