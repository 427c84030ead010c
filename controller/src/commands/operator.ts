import type { Command } from '@ankang/protocol'
import { runAudit } from './operator-audit.ts'
import { runAdd, runDisable, runEnable, runReset, runRole } from './operator-change.ts'
import { runOperatorList } from './operator-list.ts'
import { runToken } from './operator-token.ts'
import { runSubcommand, type Subcommand } from './subcommands.ts'

const HELP = `用法 usage: ankang operator <add | list | reset | disable | enable | role | token | audit> [--home DIR] [--json]

操作员、访问令牌和审计日志；供坐在本机前的人使用，例如管理员丢了手机。控制中心运行时也可用，每次更改都写入审计日志。
Operators, access tokens and the audit log, for whoever sits at this machine, as when the administrator has lost their phone.
Works while the controller runs, and without it; every change is in the audit log.

  list                          所有操作员 all operators
  add NAME --role ROLE          新建，显示一次性密码 makes one, and shows a one-time password
  reset NAME                    密码和第二因素作废，显示一次性密码，并解除锁定
                                voids password and second factor, shows a one-time password, unlocks
  disable NAME / enable NAME    停用，会话立即结束 / 启用，解除锁定   ends sessions at once / unlocks
  role NAME --role ROLE         viewer, technician, operator, auditor, security-administrator
  token NAME [--days N]         只读访问令牌，默认 90 天 a token that may only read, for 90 days unless said
  token NAME --revoke           作废 revokes it
  token --list                  所有令牌 all tokens
  audit [--limit N] [--before ID] [--witness ID:LINK]
                                最新的记录，并核对整条链；链断则退出码为 1
                                the newest records, and a check of the whole chain; exits with 1 when it is broken

  --home DIR     数据目录，默认 .ankang   home folder, .ankang unless said
  --json         JSON，一行   as JSON, on one line
  --help         本说明   this text

例 examples:
  ankang operator reset admin --home .ankang
  ankang operator add li.wei --role operator
  ankang operator token prometheus --days 365
`

const RUNNERS: ReadonlyMap<string, Subcommand> = new Map([
  ['add', runAdd],
  ['list', runOperatorList],
  ['reset', runReset],
  ['disable', runDisable],
  ['enable', runEnable],
  ['role', runRole],
  ['token', runToken],
  ['audit', runAudit],
])

export const operatorCommand: Command = {
  name: 'operator',
  summary: '操作员、令牌与审计 · operators, access tokens, the audit log',
  help: HELP,
  run: (argv, io) => runSubcommand({ words: 'ankang operator', help: HELP, runners: RUNNERS }, argv, io),
}
