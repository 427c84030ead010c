/*
 * npm run soak -- [--showings N] [--json]     the device program's memory over many showings at a bus; 100,000 by default
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { EXIT, programFault, UsageError } from '@ankang/protocol'
import { MOST_GROWTH, soakBus } from './soak/soak-bus.ts'

const HELP = `用法 usage: npm run soak -- [--showings N] [--json]

长时间运行：乘客在虚拟串口上不断亮码，比较第二个十分之一与最后十分之一的常驻内存，相差须在 ${MOST_GROWTH * 100}% 以内。
Passengers show ride codes through the virtual serial line; resident memory over the second tenth of them is compared with the last, and
must not differ by more than ${MOST_GROWTH * 100} %.

  --showings N   次数，默认 100000   how many showings, from 100
  --json         输出 JSON

例 example: npm run soak -- --showings 5000`
const PROGRESS_EVERY_MS = 2000

function countOf(text: string): number {
  if (/^\d{3,8}$/.test(text)) return Number(text)
  throw new UsageError('usage', `--showings: expected a whole number from 100, got ${JSON.stringify(text)}`)
}

async function run(): Promise<number> {
  const { values } = parseArgs({
    options: {
      showings: { type: 'string', default: '100000' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) {
    process.stdout.write(`${HELP}\n`)
    return EXIT.done
  }
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort())
  const directory = mkdtempSync(join(tmpdir(), 'ankang-soak-'))
  let saidMs = 0
  try {
    const figures = await soakBus({
      directory,
      showings: countOf(values.showings),
      signal: stop.signal,
      onProgress: (shown, residentMb) => {
        if (performance.now() - saidMs < PROGRESS_EVERY_MS) return
        saidMs = performance.now()
        process.stderr.write(`已亮码 ${shown} shown, 内存 resident ${residentMb.toFixed(1)} MB\n`)
      },
    })
    if (stop.signal.aborted) {
      process.stderr.write(`已中断 interrupted after ${figures.showings}\n`)
      return 130
    }
    // Passengers come round again, and are refused then; where nobody rode nothing was tried.
    const isFlat = Math.abs(figures.growth) <= MOST_GROWTH && figures.admitted >= Math.min(figures.showings, 1000)
    const words = Object.entries(figures).map(([name, value]) => `  ${name.padEnd(16)}${value}`)
    process.stdout.write(
      values.json
        ? `${JSON.stringify(figures)}\n`
        : `${isFlat ? '平稳 flat ✓' : '增长 growing ✗'}\n${words.join('\n')}\n`,
    )
    return isFlat ? EXIT.done : EXIT.fault
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

try {
  process.exitCode = await run()
} catch (error) {
  const { text, exitCode } = programFault('soak', error)
  process.stderr.write(text)
  process.exitCode = exitCode
}
