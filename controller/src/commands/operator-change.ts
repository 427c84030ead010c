import { parseArgs } from 'node:util'
import { type CommandIo, UsageError } from '@ankang/protocol'
import { isRole } from '../people/operator.ts'
import type { OperatorRefusal } from '../people/operators.ts'
import { ROLES, type Role } from '../people/principal.ts'
import { OPERATOR_REFUSAL_WORDS } from '../people/refusal-words.ts'
import { COMMON_OPTIONS, oneName, print, withHomeAccounts } from './operator-home.ts'

function parseNamed(argv: readonly string[], example: string) {
  const options = { ...COMMON_OPTIONS, name: { type: 'string' }, role: { type: 'string' } } as const
  const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true })
  return { ...values, name: oneName(values.name, positionals, example) }
}

function parseRole(text: string | undefined, example: string): Role {
  if (text !== undefined && isRole(text)) return text
  throw new UsageError(
    'role-invalid',
    `--role: 应为 expected one of ${ROLES.join(', ')}, got ${JSON.stringify(text ?? '')}, as in: ${example}`,
  )
}

function insist<T extends { readonly ok: boolean }>(outcome: T | OperatorRefusal): Extract<T, { readonly ok: true }> {
  if (outcome.ok) return outcome as Extract<T, { readonly ok: true }>
  const { error } = outcome as OperatorRefusal
  throw new UsageError(error, OPERATOR_REFUSAL_WORDS[error])
}

function passwordText(name: string, oneTimePassword: string): string {
  return `${name} 的一次性密码，只显示这一次；当面交给本人，首次登录时必须更改
one-time password of ${name}, shown this once; hand it over in person, it must be changed at the first log-in

  ${oneTimePassword}
`
}

/** `ankang operator add`. */
export async function runAdd(argv: readonly string[], io: CommandIo): Promise<number> {
  const example = 'ankang operator add li.wei --role operator'
  const { home, json, name, role: typed } = parseNamed(argv, example)
  const role = parseRole(typed, example)
  const made = await withHomeAccounts(io.cwd, home, ({ operators, actor }) => operators.create(name, role, actor))
  const { oneTimePassword } = insist(made)
  return print(io, json, { name, role, oneTimePassword }, passwordText(name, oneTimePassword))
}

/** `ankang operator reset`. */
export async function runReset(argv: readonly string[], io: CommandIo): Promise<number> {
  const { home, json, name } = parseNamed(argv, 'ankang operator reset admin')
  const reset = await withHomeAccounts(io.cwd, home, ({ operators, actor }) => operators.reset(name, actor))
  const { oneTimePassword } = insist(reset)
  return print(io, json, { name, oneTimePassword }, passwordText(name, oneTimePassword))
}

/** `ankang operator role`. */
export async function runRole(argv: readonly string[], io: CommandIo): Promise<number> {
  const example = 'ankang operator role li.wei --role auditor'
  const { home, json, name, role: typed } = parseNamed(argv, example)
  const role = parseRole(typed, example)
  insist(await withHomeAccounts(io.cwd, home, async ({ operators, actor }) => operators.setRole(name, role, actor)))
  const text = `${name}：角色现为 ${role}，会话已结束 · is ${role} now; their sessions have ended\n`
  return print(io, json, { name, role }, text)
}

function setDisabled(disabled: boolean, example: string) {
  return async (argv: readonly string[], io: CommandIo): Promise<number> => {
    const { home, json, name } = parseNamed(argv, example)
    insist(
      await withHomeAccounts(io.cwd, home, async ({ operators, actor }) =>
        operators.setDisabled(name, disabled, actor),
      ),
    )
    const text = disabled
      ? `${name} 已停用，会话已结束 · is disabled; their sessions have ended\n`
      : `${name} 已启用，锁定已解除 · is enabled, and not locked\n`
    return print(io, json, { name, disabled }, text)
  }
}

/** `ankang operator disable`. */
export const runDisable = setDisabled(true, 'ankang operator disable li.wei')

/** `ankang operator enable`. */
export const runEnable = setDisabled(false, 'ankang operator enable li.wei')
