import { parseArgs } from 'node:util'
import { type CommandIo, UsageError } from '@ankang/protocol'
import type { TokenRefusal } from '../people/access-tokens.ts'
import type { AccessToken } from '../people/people-book.ts'
import { TOKEN_REFUSAL_WORDS } from '../people/refusal-words.ts'
import { textTable } from '../scenes/text-table.ts'
import { timeText } from './device-list.ts'
import { COMMON_OPTIONS, type HomeAccounts, oneName, print, withHomeAccounts } from './operator-home.ts'

const EXAMPLE = 'ankang operator token prometheus --days 365'

function parseArguments(argv: readonly string[]) {
  const options = {
    ...COMMON_OPTIONS,
    name: { type: 'string' },
    days: { type: 'string' },
    revoke: { type: 'boolean' },
    list: { type: 'boolean' },
  } as const
  const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true })
  const { days, list, revoke } = values
  if (days !== undefined && !/^\d{1,4}$/.test(days))
    throw new UsageError('flag-invalid', `--days: 应为整数 expected whole days, got ${JSON.stringify(days)}`)
  if ([days !== undefined, list === true, revoke === true].filter(Boolean).length > 1)
    throw new UsageError('flags-exclusive', '只能选一个 · expected one of --days, --revoke and --list')
  const name = list === true ? '' : oneName(values.name, positionals, EXAMPLE)
  return { ...values, name, ...(days === undefined ? {} : { days: Number(days) }) }
}

function insist<T extends { readonly ok: boolean }>(outcome: T | TokenRefusal): Extract<T, { readonly ok: true }> {
  if (outcome.ok) return outcome as Extract<T, { readonly ok: true }>
  const { error } = outcome as TokenRefusal
  throw new UsageError(error, TOKEN_REFUSAL_WORDS[error])
}

function stateText({ expiresMs, revokedMs }: AccessToken, nowMs: number): string {
  if (revokedMs !== null) return `已作废 revoked ${timeText(revokedMs)}`
  return expiresMs <= nowMs ? `已过期 expired ${timeText(expiresMs)}` : `有效至 good until ${timeText(expiresMs)}`
}

function listText(tokens: readonly AccessToken[]): string {
  const rows = tokens.map(one => [one.name, one.operator, stateText(one, Date.now())])
  return textTable([['名称 name', '创建者 made by', '状态 state'], ...rows])
}

function tokenText(name: string, token: string, expiresMs: number): string {
  return `${name} 的访问令牌，只读，${timeText(expiresMs)} 前有效，只显示这一次
access token ${name}: it may only read, until ${timeText(expiresMs)}; shown this once

  ${token}

用作 API 的 Bearer 令牌，或 MQTT 只读账号的密码（用户名 ${name}）
a Bearer token of the API, and the password of the read-only MQTT account ${name}
`
}

/** `ankang operator token`. */
export function runToken(argv: readonly string[], io: CommandIo): Promise<number> {
  const { home, json, name, days, revoke, list } = parseArguments(argv)
  const wish = { name, ...(days === undefined ? {} : { days: Number(days) }) }
  const work = async ({ tokens, actor }: HomeAccounts): Promise<number> => {
    if (list === true) return print(io, json, { tokens: tokens.list() }, listText(tokens.list()))
    if (revoke === true) {
      insist(tokens.revoke(name, actor))
      return print(io, json, { name, revoked: true }, `${name} 已作废 · is revoked\n`)
    }
    const { token, expiresMs } = insist(tokens.create(wish, actor))
    return print(io, json, { name, token, expiresMs }, tokenText(name, token, expiresMs))
  }
  return withHomeAccounts(io.cwd, home, work)
}
