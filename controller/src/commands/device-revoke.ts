import { parseArgs } from 'node:util'
import { type CommandIo, EXIT, toHex, UsageError } from '@ankang/protocol'
import { isPlainText } from '../audit/purpose.ts'
import { type RevocationOutcome, revokeDevice } from '../identity/revoke-device.ts'
import { oneDevice } from './device-argument.ts'
import { timeText } from './device-list.ts'
import { withHomeRegistry } from './home-registry.ts'

const EXAMPLE = 'ankang device revoke hall-door-2 --reason "设备被盗 stolen"'

function parseArguments(argv: readonly string[]) {
  const options = {
    home: { type: 'string', default: '.ankang' },
    device: { type: 'string' },
    reason: { type: 'string' },
    json: { type: 'boolean' },
  } as const
  const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true })
  const reason = values.reason?.trim() ?? ''
  if (reason.length < 4 || reason.length > 200 || !isPlainText(reason))
    throw new UsageError(
      'reason-missing',
      `应写明原因（4 至 200 字）expected --reason of 4 to 200 characters on one line: it stays in the audit log; as in: ${EXAMPLE}`,
    )
  return { ...values, reason, device: oneDevice(values.device, positionals, EXAMPLE) }
}

type Revoked = (RevocationOutcome & { readonly ok: true })['revoked']

function asText(device: string, { timeMs, trusted }: Revoked): string {
  const zh =
    trusted === null
      ? '它从未签过头，其后送来的记录全部隔离'
      : `第 ${trusted.seq} 条之后的记录隔离（链 ${toHex(trusted.epoch)}）`
  const en =
    trusted === null
      ? 'it never signed a head: whatever it still sends is kept apart'
      : `its records past ${trusted.seq} of chain ${toHex(trusted.epoch)} are kept apart`
  return `${device} 已吊销 revoked at ${timeText(timeMs)}; 运行中的控制中心立即断开其连接 a running controller cuts its line at once
${zh}
${en}
要再使用：换新密钥，重新入网 · to use it again: give it new keys, then ankang device enroll
`
}

/** `ankang device revoke`. */
export async function runRevoke(argv: readonly string[], io: CommandIo): Promise<number> {
  const { home, json, device, reason } = parseArguments(argv)
  const outcome = await withHomeRegistry(io.cwd, home, async opened =>
    revokeDevice(opened, { device, reason, actor: opened.actor }),
  )
  if (!outcome.ok) throw new UsageError(outcome.error, outcome.detail)
  const { timeMs, trusted } = outcome.revoked
  const head = trusted === null ? null : { epoch: toHex(trusted.epoch), seq: trusted.seq }
  io.out(
    json === true
      ? `${JSON.stringify({ device, revoked: { timeMs, reason }, trusted: head })}\n`
      : asText(device, outcome.revoked),
  )
  return EXIT.done
}
