import { parseArgs } from 'node:util'
import { type Command, type CommandIo, EXIT, UsageError } from '@ankang/protocol'
import { type Bench, type BenchResult, keepsLimit } from '../bench/bench.ts'
import { benches } from '../bench/index.ts'

const list = benches.map(bench => `  ${bench.name.padEnd(12)}${bench.summary}`).join('\n')

const HELP = `用法 usage: ankang bench NAME [--json]

测速：与同一次运行中的最低代价相比。Measures speed against the floor of the same run.

${list}

例 example: ankang bench showing --json`

function findBench(name: string | undefined): Bench {
  const bench = benches.find(candidate => candidate.name === name)
  if (bench === undefined)
    throw new UsageError(
      'usage',
      `expected the name of a bench: ${benches.map(one => one.name).join(', ')}; got ${name ?? 'none'}`,
    )
  return bench
}

/** A result for whoever reads it at a terminal. */
export function inWords(result: BenchResult): string {
  const { name, figures, ratio, limit, better } = result
  const bound = `${better === 'lower' ? 'at most' : 'at least'} ${limit}`
  const lines = Object.entries(figures).map(([key, value]) => `  ${key.padEnd(24)}${value}`)
  return [`${name}: ratio ${ratio} (${bound}) ${keepsLimit(result) ? '✓' : '✗'}`, ...lines, ''].join('\n')
}

async function run(argv: readonly string[], io: CommandIo): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: { json: { type: 'boolean' } },
  })
  const bench = findBench(positionals[0])
  const result = await bench.run({ progress: text => io.err(`${text}\n`), signal: io.signal })
  io.out(values.json === true ? `${JSON.stringify(result)}\n` : inWords(result))
  return EXIT.done
}

/** Speed, measured. */
export const benchCommand: Command = { name: 'bench', summary: '测速  measure speed', help: HELP, run }
