import { type CommandIo, EXIT, UsageError } from '@ankang/protocol'

/** One subcommand: its words after the name, and where it reads and writes. */
export type Subcommand = (argv: readonly string[], io: CommandIo) => Promise<number>

interface SubcommandsOf {
  /** As it is typed, such as `ankang device`. */
  readonly words: string
  readonly help: string
  /** A map and no object: `constructor` is nobody's subcommand. */
  readonly runners: ReadonlyMap<string, Subcommand>
}

/** Runs the subcommand that the first word names; `--help` anywhere prints the help of all. Throws `subcommand-unknown`. */
export async function runSubcommand(
  { words, help, runners }: SubcommandsOf,
  argv: readonly string[],
  io: CommandIo,
): Promise<number> {
  const [name, ...rest] = argv
  if (argv.includes('--help') || argv.includes('-h')) {
    io.out(help)
    return EXIT.done
  }
  const runner = runners.get(name ?? '')
  if (runner === undefined)
    throw new UsageError(
      'subcommand-unknown',
      `应为 expected ${words} ${[...runners.keys()].join(', ')}, got ${JSON.stringify(name ?? '')}; see ${words} --help`,
    )
  return runner(rest, io)
}
