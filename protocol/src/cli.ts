import { AnkangError, describeError, UsageError } from './errors.ts'

/** Where a command reads and writes: the process's own streams, or a test's. */
export interface CommandIo {
  out(text: string): void
  err(text: string): void
  /** Whether a person is looking: progress and colour only then. */
  readonly interactive: boolean
  readonly cwd: string
  /** Aborted by Ctrl-C; a command that runs on stops cleanly. */
  readonly signal: AbortSignal
}

/** Exit codes shared by all commands; `verify` adds 3 deny and 4 refer. */
export const EXIT = { done: 0, fault: 1, usage: 2 } as const

/** One subcommand of `ankang`, contributed by the package that owns it. */
export interface Command {
  readonly name: string
  /** One line, Chinese first. */
  readonly summary: string
  /** Text of `--help`, with an example. */
  readonly help: string
  /** Returns the exit code. A UsageError thrown here prints its message and exits 2, any other AnkangError 1. */
  run(argv: readonly string[], io: CommandIo): Promise<number>
}

/** How a program ends on an error: what it tells the person who started it, and its exit code. */
export interface ProgramFault {
  readonly text: string
  readonly exitCode: number
}

/** A wrong option is the caller's mistake, whoever found it. */
function isUsage(error: unknown): boolean {
  const code = (error as { readonly code?: unknown } | null)?.code
  return error instanceof UsageError || (typeof code === 'string' && code.startsWith('ERR_PARSE_ARGS'))
}

/** The same words for every program here. A stack is shown only where nobody foresaw the error. */
export function programFault(program: string, error: unknown): ProgramFault {
  if (isUsage(error))
    return { text: `${program}: 用法或文件有误 usage or file: ${describeError(error)}\n`, exitCode: EXIT.usage }
  if (error instanceof AnkangError && error.family === 'environment')
    return { text: `${program}: 环境故障 environment: ${describeError(error)}\n`, exitCode: EXIT.fault }
  const unforeseen = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { text: `${program}: 程序故障 fault: ${unforeseen}\n`, exitCode: EXIT.fault }
}
