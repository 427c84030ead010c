import { parseArgs } from 'node:util'
import { type CommandIo, EXIT, toHex } from '@ankang/protocol'
import type { EnrolledDevice } from '../identity/registry.ts'
import { textTable } from '../scenes/text-table.ts'
import { type HomeRegistry, withHomeRegistry } from './home-registry.ts'

/** A device as it is printed, in text and as JSON. */
export interface ListedDevice {
  readonly device: string
  readonly site: string
  /** Hex. */
  readonly publicKey: string
  readonly enrolledMs: number
  readonly revoked: { readonly timeMs: number; readonly reason: string } | null
  /** When its newest good certificate runs out; null where there is none. */
  readonly certificateUntilMs: number | null
  readonly quarantined: number
}

export function listedDevice({ registry, quarantine }: HomeRegistry, found: EnrolledDevice): ListedDevice {
  const { device, site, enrolledMs, revoked } = found
  const good = registry.certificatesOf(device).filter(({ revokedMs }) => revokedMs === null)
  return {
    device,
    site,
    publicKey: toHex(found.publicKey),
    enrolledMs,
    revoked: revoked === null ? null : { timeMs: revoked.timeMs, reason: revoked.reason },
    certificateUntilMs: good.length === 0 ? null : Math.max(...good.map(({ notAfterMs }) => notAfterMs)),
    quarantined: quarantine.quarantinedRecords(device),
  }
}

/** To the second, with its zone. */
export function timeText(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 19)}Z`
}

export function stateText({ revoked, certificateUntilMs }: ListedDevice, nowMs: number): string {
  if (revoked !== null) return `已吊销 revoked ${timeText(revoked.timeMs)}`
  if (certificateUntilMs === null || certificateUntilMs <= nowMs) return '证书已到期 certificate has run out'
  return `有效 good until ${timeText(certificateUntilMs)}`
}

function asText(devices: readonly ListedDevice[], home: string): string {
  if (devices.length === 0)
    return `还没有设备 no devices yet; 入网 enrol one: ankang device enroll --home ${home} --site SITE --device DEVICE\n`
  const rows = devices.map(one => [
    one.device,
    one.site,
    stateText(one, Date.now()),
    one.quarantined === 0 ? '' : String(one.quarantined),
  ])
  return textTable([['设备 device', '站点 site', '状态 state', '隔离 kept apart'], ...rows])
}

/** `ankang device list`. */
export async function runList(argv: readonly string[], io: CommandIo): Promise<number> {
  const options = { home: { type: 'string', default: '.ankang' }, json: { type: 'boolean' } } as const
  const { home, json } = parseArgs({ args: [...argv], options }).values
  const devices = await withHomeRegistry(io.cwd, home, async opened =>
    opened.registry.all().map(found => listedDevice(opened, found)),
  )
  io.out(json === true ? `${JSON.stringify({ devices })}\n` : asText(devices, home))
  return EXIT.done
}
