import { type Command, type CommandIo, EXIT, programFault } from '@ankang/protocol'

/*
 * `ankang` is one name for the commands of whatever packages are installed here. A box has protocol and device, and then
 * these commands are all there are.
 */
const CONTRIBUTORS = ['@ankang/device/commands', '@ankang/controller/commands', '@ankang/simulators/commands']

function isAbsent(error: unknown, specifier: string): boolean {
  const { code, message } = error as { code?: string; message?: string }
  return (
    code === 'ERR_MODULE_NOT_FOUND' &&
    message !== undefined &&
    message.includes(specifier.split('/').slice(0, 2).join('/'))
  )
}

/** Commands of every contributor that is installed. */
export async function installedCommands(
  load: (specifier: string) => Promise<{ readonly commands: readonly Command[] }>,
): Promise<readonly Command[]> {
  const found: Command[] = []
  for (const specifier of CONTRIBUTORS) {
    try {
      found.push(...(await load(specifier)).commands)
    } catch (error) {
      if (!isAbsent(error, specifier)) throw error
    }
  }
  return found
}

function overview(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(command => command.name.length))
  const lines = commands.map(command => `  ${command.name.padEnd(width)}  ${command.summary}`)
  return [
    '安康码边缘设备  Ankang Edge',
    '',
    '用法 usage: ankang <命令 command> […]',
    '',
    ...lines,
    '',
    '每个命令的说明  more on one: ankang <命令 command> --help',
    '例 example: ankang verify --help',
    '',
  ].join('\n')
}

const INTERRUPTED = { text: '已中断 interrupted\n', exitCode: EXIT.fault }

/** Runs the command that `argv` names; returns the exit code and never rejects. */
export async function dispatch(argv: readonly string[], io: CommandIo, commands: readonly Command[]): Promise<number> {
  const [name, ...rest] = argv
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    io.out(overview(commands))
    return name === undefined ? EXIT.usage : EXIT.done
  }
  const command = commands.find(candidate => candidate.name === name)
  if (command === undefined) {
    io.err(`没有这个命令 no such command: ${name}\n\n${overview(commands)}`)
    return EXIT.usage
  }
  if (rest.includes('--help') || rest.includes('-h')) {
    io.out(`${command.help}\n`)
    return EXIT.done
  }
  try {
    return await command.run(rest, io)
  } catch (error) {
    const { text, exitCode } = io.signal.aborted ? INTERRUPTED : programFault(`ankang ${name}`, error)
    io.err(text)
    return exitCode
  }
}
