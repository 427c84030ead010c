import { join } from 'node:path'
import { type JournalRow, JournalWriter, openJournalDatabase } from '@ankang/device/parts'
import { openBareJournal } from './bare-journal.ts'
import type { Bench, BenchIo, BenchResult } from './bench.ts'
import { inBenchFolder } from './bench-folder.ts'
import { median, roundMs } from './quantile.ts'
import { RecordMaker, recordCosts } from './record-making.ts'

/** Records a transaction, and transactions of one side before the other has its turn. */
const PLANS = [
  { batch: 1, commits: 100 },
  { batch: 10, commits: 50 },
  { batch: 100, commits: 10 },
] as const
/** The first blocks fill caches and files. */
const WARM_UP = 2
const PAIRS = 100
/** A disk that others keep busy may be ten times slower: then fewer pairs have to do. */
const PLAN_BUDGET_MS = 12_000
const LIMIT = 0.9

interface Writer {
  write(rows: readonly JournalRow[]): void
}

interface Pair {
  readonly oursMs: number
  readonly bareMs: number
}

function writeMs(writer: Writer, groups: readonly (readonly JournalRow[])[]): number {
  const startedMs = performance.now()
  for (const rows of groups) writer.write(rows)
  return performance.now() - startedMs
}

/** The same rows into both, by turns and each first every second time, so that a slow moment of the disk falls on both. */
function measurePairs(ours: Writer, bare: Writer, groupsOf: () => readonly (readonly JournalRow[])[]): readonly Pair[] {
  const endsMs = performance.now() + PLAN_BUDGET_MS
  const pairs: Pair[] = []
  while (pairs.length <= WARM_UP || (pairs.length < WARM_UP + PAIRS && performance.now() < endsMs)) {
    const groups = groupsOf()
    const bareFirstMs = pairs.length % 2 === 0 ? null : writeMs(bare, groups)
    const oursMs = writeMs(ours, groups)
    pairs.push({ oursMs, bareMs: bareFirstMs ?? writeMs(bare, groups) })
  }
  return pairs.slice(WARM_UP)
}

async function measure(io: BenchIo, folder: string): Promise<BenchResult> {
  const db = openJournalDatabase(join(folder, 'ours.sqlite'), tag => tag)
  const ours = new JournalWriter(db, tag => tag)
  const bare = openBareJournal(join(folder, 'bare.sqlite'))
  const maker = new RecordMaker()
  const figures: Record<string, number> = {}
  const ratios: number[] = []
  for (const { batch, commits } of PLANS) {
    io.signal.throwIfAborted()
    io.progress(`写入 writing in transactions of ${batch} …`)
    const pairs = measurePairs(ours, bare, () => Array.from({ length: commits }, () => maker.rows(batch)))
    const perSecond = (blocksMs: readonly number[]) => Math.round((batch * commits * 1000) / median(blocksMs))
    // Blocks next to each other met the same disk: the median of their quotients moves less than the quotient of medians.
    const ratio = roundMs(median(pairs.map(({ oursMs, bareMs }) => bareMs / oursMs)))
    ratios.push(ratio)
    figures[`oursAt${batch}PerSecond`] = perSecond(pairs.map(({ oursMs }) => oursMs))
    figures[`bareAt${batch}PerSecond`] = perSecond(pairs.map(({ bareMs }) => bareMs))
    figures[`ratioAt${batch}`] = ratio
  }
  db.close()
  bare.close()
  io.progress('组装、封存与散列 building, sealing, hashing …')
  return {
    name: 'journal',
    figures: { ...figures, ...recordCosts() },
    limit: LIMIT,
    better: 'higher',
    ratio: Math.min(...ratios),
  }
}

/** The journal's commit of ready rows against better-sqlite3 alone on the same rows; what makes a row is reported apart. */
export const journal: Bench = {
  name: 'journal',
  summary: '成组提交  group commit',
  run: io => inBenchFolder(folder => measure(io, folder)),
}
