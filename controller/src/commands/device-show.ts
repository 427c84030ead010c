import { parseArgs } from 'node:util'
import { type CommandIo, EXIT, UsageError } from '@ankang/protocol'
import { type DeviceIdentity, identityOf } from '../identity/device-identity.ts'
import { textTable } from '../scenes/text-table.ts'
import { oneDevice } from './device-argument.ts'
import { type ListedDevice, listedDevice, stateText, timeText } from './device-list.ts'
import { harmless } from './harmless-text.ts'
import { withHomeRegistry } from './home-registry.ts'

const EXAMPLE = 'ankang device show hall-door-2'
const KEY_ENDS = { replaced: '已更换 replaced', revoked: '已吊销 revoked' } as const

function parseArguments(argv: readonly string[]) {
  const options = {
    home: { type: 'string', default: '.ankang' },
    device: { type: 'string' },
    json: { type: 'boolean' },
  } as const
  const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true })
  return { ...values, device: oneDevice(values.device, positionals, EXAMPLE) }
}

function span(fromMs: number, untilMs: number | null): string {
  return `${timeText(fromMs)} – ${untilMs === null ? '至今 now' : timeText(untilMs)}`
}

function asText(listed: ListedDevice, { certificates, keys, revoked }: DeviceIdentity): string {
  const facts = textTable([
    ['设备 device', listed.device],
    ['站点 site', listed.site],
    ['状态 state', stateText(listed, Date.now())],
    ['入网 enrolled', timeText(listed.enrolledMs)],
    ...(revoked === null ? [] : [['吊销原因 reason', harmless(revoked.reason)]]),
    ['隔离的记录 records kept apart', String(listed.quarantined)],
  ])
  const certificateRows = certificates.map(({ serial, issuedMs, notAfterMs, revokedMs }) => [
    `  ${serial}`,
    span(issuedMs, notAfterMs),
    revokedMs === null ? '' : `已撤 withdrawn ${timeText(revokedMs)}`,
  ])
  const keyRows = keys.map(({ publicKey, fromMs, untilMs, endReason }) => [
    `  ${publicKey}`,
    span(fromMs, untilMs),
    endReason === null ? '' : KEY_ENDS[endReason],
  ])
  return `${facts}\n证书 certificates\n${textTable(certificateRows)}\n密钥 keys\n${textTable(keyRows)}`
}

/** `ankang device show`. */
export async function runShow(argv: readonly string[], io: CommandIo): Promise<number> {
  const { home, json, device } = parseArguments(argv)
  const shown = await withHomeRegistry(io.cwd, home, async opened => {
    const found = opened.registry.find(device)
    const identity = identityOf(opened.registry, device)
    return found === null || identity === null ? null : { listed: listedDevice(opened, found), identity }
  })
  if (shown === null)
    throw new UsageError(
      'device-unknown',
      `没有这台设备 no device ${JSON.stringify(device)} is enrolled here; see ankang device list --home ${home}`,
    )
  const { listed, identity } = shown
  io.out(json === true ? `${JSON.stringify({ ...listed, ...identity })}\n` : asText(listed, identity))
  return EXIT.done
}
