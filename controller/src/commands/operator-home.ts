import { randomBytes } from 'node:crypto'
import { type CommandIo, EXIT, UsageError } from '@ankang/protocol'
import type { SqliteAudit } from '../audit/sqlite-audit.ts'
import type { AccessTokens } from '../people/access-tokens.ts'
import { makeAccounts } from '../people/make-people.ts'
import type { Operators } from '../people/operators.ts'
import { withHomeRegistry } from './home-registry.ts'

/** The accounts of a home, beside a controller that may be running on it. */
export interface HomeAccounts {
  readonly operators: Operators
  readonly tokens: AccessTokens
  readonly audit: SqliteAudit
  /** Whoever sits at this machine, as the audit log names them. */
  readonly actor: string
}

/** Opens a home's accounts, works with them and closes them. Throws what `withHomeRegistry` throws. */
export function withHomeAccounts<T>(
  cwd: string,
  home: string,
  work: (accounts: HomeAccounts) => Promise<T>,
): Promise<T> {
  const random = (lengthBytes: number): Uint8Array => new Uint8Array(randomBytes(lengthBytes))
  return withHomeRegistry(cwd, home, ({ db, audit, actor }) => {
    const { operators, tokens } = makeAccounts({ db, audit, nowMs: Date.now, random })
    return work({ operators, tokens, audit, actor })
  })
}

/** What every subcommand takes. */
export const COMMON_OPTIONS = {
  home: { type: 'string', default: '.ankang' },
  json: { type: 'boolean' },
} as const

/** The one name a command is about: as its word, or with `--name`. Throws `flag-missing`. */
export function oneName(flag: string | undefined, words: readonly string[], example: string): string {
  const named = [...(flag === undefined ? [] : [flag]), ...words]
  const [name] = named
  if (name !== undefined && named.length === 1) return name
  throw new UsageError('flag-missing', `应指明一个名称 expected one name, got ${named.length}, as in: ${example}`)
}

export function print(io: CommandIo, json: boolean | undefined, value: object, text: string): number {
  io.out(json === true ? `${JSON.stringify(value)}\n` : text)
  return EXIT.done
}
