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
