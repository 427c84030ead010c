import { parseArgs } from 'node:util'
import { type CommandIo, EXIT, UsageError } from '@ankang/protocol'
import type { AuditCheck, AuditFault, AuditRecord, AuditWitness } from '../audit/audit.ts'
import { timeText } from './device-list.ts'
import { harmless } from './harmless-text.ts'
import { COMMON_OPTIONS, print, withHomeAccounts } from './operator-home.ts'

function parseWhole(flag: string, text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text)
  throw new UsageError(
    'flag-invalid',
    `--${flag}: 应为正整数 expected a whole number from 1, got ${JSON.stringify(text)}`,
  )
}

function parseWitness(text: string): AuditWitness {
  const [, id, link] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? []
  if (id !== undefined && link !== undefined) return { id: Number(id), link }
  throw new UsageError(
    'flag-invalid',
    `--witness: 应为“编号:链值” expected ID:LINK with 64 hex digits, as this command printed it, got ${JSON.stringify(text)}`,
  )
}

function parseArguments(argv: readonly string[]) {
  const options = {
    ...COMMON_OPTIONS,
    limit: { type: 'string', default: '50' },
    before: { type: 'string' },
    witness: { type: 'string' },
  } as const
  const { limit, before, witness, ...rest } = parseArgs({ args: [...argv], options }).values
  return {
    ...rest,
    limit: parseWhole('limit', limit),
    before: before === undefined ? null : parseWhole('before', before),
    witness: witness === undefined ? undefined : parseWitness(witness),
  }
}

const FAULT_WORDS: Readonly<Record<AuditFault['fault'], readonly [string, string]>> = {
  altered: ['内容被改动', 'was altered'],
  missing: ['缺失', 'is missing'],
  moved: ['被挪动', 'was moved'],
  added: ['是多出来的', 'was added by somebody else'],
  rewritten: ['链被整体改写', 'is of a chain that was made anew'],
}

function checkText({ ok, records, newest, firstFault }: AuditCheck): string {
  const witness = `末条 newest ${newest.id}:${newest.link}`
  if (ok || firstFault === null)
    return `审计链完整：${records} 条 · the chain holds, ${records} records\n${witness}
抄存到别处，以后用 --witness 核对 · keep it elsewhere, and check it later with --witness\n`
  const [zh, en] = FAULT_WORDS[firstFault.fault]
  const where = firstFault.foundAt === null ? '' : ` → ${firstFault.foundAt}`
  return `审计链断裂：第 ${firstFault.id} 条${zh}${where} · the chain is broken: record ${firstFault.id} ${en}${where}
应为 expected ${firstFault.expected ?? '?'}\n实为 found    ${firstFault.found ?? '-'}\n${witness}\n`
}

function recordsText(records: readonly AuditRecord[]): string {
  const lines = records.map(({ id, timeMs, actor, action, subject, ok, purpose, detail }) =>
    [id, timeText(timeMs), ok ? '✓' : '✕', actor, action, subject, purpose ?? '', JSON.stringify(detail)].join(' '),
  )
  return lines.map(line => `${harmless(line)}\n`).join('')
}

/** `ankang operator audit`. Exits with 1 when the chain is broken. */
export async function runAudit(argv: readonly string[], io: CommandIo): Promise<number> {
  const { home, json, limit, before, witness } = parseArguments(argv)
  return withHomeAccounts(io.cwd, home, async ({ audit }) => {
    const records = audit.read(before, limit)
    const check = await audit.check(witness)
    print(io, json, { records, check }, recordsText(records) + checkText(check))
    return check.ok ? EXIT.done : EXIT.fault
  })
}
