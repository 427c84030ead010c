/*
 * npm run bus-days -- [--days N] [--seed N] [--json]     random bus days, settled and summed independently; 10,000 by default
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { programFault, UsageError } from '@ankang/protocol'
import { type BusDayFigures, runBusDays } from './bus-days/run.ts'

const HELP = `用法 usage: npm run bus-days -- [--days N] [--seed N] [--json]

随机公交运营日：判定、记录、上传、结算，再与导出记录的独立合计核对，分文不差才算通过。
Random bus days: decided, recorded, uploaded, settled, and compared with an independent sum over the exported records, to the fen.

  --days N    天数，默认 10000   how many days
  --seed N    随机种子，默认 1   the same seed gives the same days
  --json      输出 JSON

例 example: npm run bus-days -- --days 500 --seed 7`
const PROGRESS_EVERY_MS = 2000

function wholeNumber(name: string, text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw new UsageError('usage', `--${name}: expected a whole number from 1, got ${JSON.stringify(text)}`)
}

function inWords(figures: BusDayFigures): string {
  return Object.entries(figures)
    .map(([name, value]) => `  ${name.padEnd(14)}${value}`)
    .join('\n')
}

async function run(): Promise<void> {
  const { values } = parseArgs({
    options: {
      days: { type: 'string', default: '10000' },
      seed: { type: 'string', default: '1' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) {
    process.stdout.write(`${HELP}\n`)
    return
  }
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort())
  const folder = mkdtempSync(join(tmpdir(), 'ankang-bus-days-'))
  let saidMs = 0
  try {
    const figures = await runBusDays({
      seed: wholeNumber('seed', values.seed),
      days: wholeNumber('days', values.days),
      folder,
      signal: stop.signal,
      onProgress: ({ days, rides }) => {
        if (performance.now() - saidMs < PROGRESS_EVERY_MS) return
        saidMs = performance.now()
        process.stderr.write(`已核对 ${days} 天 days, ${rides} 次乘车 rides\n`)
      },
    })
    if (stop.signal.aborted) {
      process.stderr.write(`已中断 interrupted after ${figures.days} 天 days\n`)
      process.exitCode = 130
      return
    }
    process.stdout.write(
      `${values.json ? JSON.stringify(figures) : `分文不差 equal to the fen\n${inWords(figures)}`}\n`,
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

try {
  await run()
} catch (error) {
  const { text, exitCode } = programFault('bus-days', error)
  process.stderr.write(text)
  process.exitCode = exitCode
}
