import { parseArgs } from 'node:util'
import type { CommandIo } from '@ankang/protocol'
import type { OperatorView } from '../people/operator.ts'
import { textTable } from '../scenes/text-table.ts'
import { timeText } from './device-list.ts'
import { COMMON_OPTIONS, print, withHomeAccounts } from './operator-home.ts'

function stateText({ disabledMs, lockedUntilMs, mustChange, secondFactor }: OperatorView): string {
  if (disabledMs !== null) return `已停用 disabled ${timeText(disabledMs)}`
  if (lockedUntilMs !== null) return `陌生地点锁定至 locked for strange places until ${timeText(lockedUntilMs)}`
  if (mustChange) return '尚未改密码 password not changed yet'
  return secondFactor ? '正常 in order' : '无第二因素 no second factor'
}

function asText(operators: readonly OperatorView[]): string {
  const rows = operators.map(one => [one.name, one.role, stateText(one), String(one.sessions)])
  return textTable([['名称 name', '角色 role', '状态 state', '会话 sessions'], ...rows])
}

/** `ankang operator list`. */
export async function runOperatorList(argv: readonly string[], io: CommandIo): Promise<number> {
  const { home, json } = parseArgs({ args: [...argv], options: COMMON_OPTIONS }).values
  const operators = await withHomeAccounts(io.cwd, home, async accounts => accounts.operators.list())
  return print(io, json, { operators }, asText(operators))
}
