import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type CommandIo, describeError, EXIT, type Family, UsageError } from '@ankang/protocol'
import type { FuzzCorpus, FuzzTarget } from './fuzz-corpus.ts'
import { driveFuzz } from './fuzz-drive.ts'
import { FuzzFinding, fuzzBench, noFigures } from './fuzz-run.ts'
import { type FuzzState, readFuzzState, writeFuzzState } from './fuzz-state.ts'
import { FUZZ_TARGETS } from './fuzz-targets.ts'

const MILLION = 1_000_000
const INTERRUPTED = 130

const HELP = `用法 usage: npm run fuzz -- [--family NAME] [--seed N] [--inputs N] [--from N] [--state FILE] [--json]

用损坏的码冲击识别、核验与判定,任何一个被放行或引发异常即为发现。
Throws damaged codes at recognition, verification and decision; one let in, or one that makes anything throw, is a finding.

  --family NAME   码的种类   kind of code: ${FUZZ_TARGETS.map(({ family }) => family).join(', ')} (default ak1)
  --seed N        随机种子   seed; same seed and index, same input (default 1)
  --inputs N      输入总数   inputs in all (default ${MILLION})
  --from N        起始序号   index of the first; to see one input again: --from N --inputs 1
  --state FILE    进度文件   saves how far it is every few seconds and goes on there; Ctrl-C saves and ends
  --json          输出 JSON   the figures as one line

  ANKANG_VECTORS=DIR 时,hc1 也用其中 dgc/cases.json 的证书。With it, hc1 starts from the certificates of dgc/cases.json too.

退出码 exit: 0 没有发现 no finding · 1 有发现 finding · 2 用法 usage · 130 中断 interrupted

例 example: npm run fuzz -- --family jtt1179 --inputs 1000000 --state /tmp/jtt1179.json`

/** What a test may put in place of the real thing. */
export interface FuzzWorld {
  readonly targets?: readonly FuzzTarget[]
  readonly families?: readonly Family[]
  /** Folder of the published sets that are no part of this project. */
  readonly vectors?: string
  /** Monotonic. */
  readonly nowMs?: () => number
}

interface Settings {
  readonly target: FuzzTarget
  readonly seed: number | undefined
  readonly inputs: number | undefined
  readonly from: number
  /** Null: nothing is kept. */
  readonly path: string | null
  readonly json: boolean
}

function whole(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new UsageError('usage', `--${name}: expected a whole number below a milliard, got ${JSON.stringify(text)}`)
}

/** Null: only help was asked for. */
function readSettings(argv: readonly string[], cwd: string, targets: readonly FuzzTarget[]): Settings | null {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      family: { type: 'string', default: 'ak1' },
      seed: { type: 'string' },
      inputs: { type: 'string' },
      from: { type: 'string' },
      state: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return null
  const target = targets.find(({ family }) => family === values.family)
  if (target === undefined)
    throw new UsageError(
      'usage',
      `--family: expected one of ${targets.map(one => one.family).join(', ')}, got ${values.family}`,
    )
  if (values.from !== undefined && values.state !== undefined)
    throw new UsageError('usage', '--from and --state exclude each other: the state file knows where to go on')
  return {
    target,
    seed: whole('seed', values.seed),
    inputs: whole('inputs', values.inputs),
    from: whole('from', values.from) ?? 0,
    path: values.state === undefined ? null : resolve(cwd, values.state),
    json: values.json,
  }
}

/** A new run, or the one in the state file. Throws `fuzz-state-mismatch` where that is a run of something else. */
function startingState({ target, seed, inputs, from, path }: Settings, { digest }: FuzzCorpus): FuzzState {
  const kept = path === null ? null : readFuzzState(path)
  const { family } = target
  if (kept === null) {
    const figures = noFigures()
    const until = from + (inputs ?? MILLION)
    return { version: 1, family, seed: seed ?? 1, inputs: until, next: from, corpus: digest, seconds: 0, figures }
  }
  const other =
    kept.family !== family
      ? `family ${kept.family}`
      : kept.seed !== (seed ?? kept.seed)
        ? `seed ${kept.seed}`
        : kept.corpus !== digest
          ? 'other codes or mutations'
          : null
  if (other === null) return { ...kept, inputs: inputs ?? kept.inputs }
  throw new UsageError(
    'fuzz-state-mismatch',
    `${path}: is of a run with ${other}; name another file, or remove this one to start anew`,
  )
}

const perSecond = ({ next, seconds }: FuzzState, from: number): number =>
  seconds === 0 ? 0 : Math.round((next - from) / seconds)

function inWords(state: FuzzState, from: number): string {
  const { figures, family, seed, next, inputs } = state
  const line = (name: string, value: number) => `  ${name.padEnd(44)}${value.toLocaleString('en').padStart(12)}`
  const lines = (counts: Record<string, number>) =>
    Object.entries(counts)
      .sort(([, a], [, b]) => b - a)
      .map(([name, value]) => line(`  ${name}`, value))
  const verified = lines(figures.verifiedAs)
  return [
    `${family} · 种子 seed ${seed} · ${next} / ${inputs} · ${perSecond(state, from)} /s`,
    line('与原码不同 differ from every original', figures.inputs),
    line('没有改变 changed nothing', figures.unchanged),
    '  拒绝 refused',
    ...lines(figures.refusedBy),
    ...(verified.length === 0 ? [] : ['  核验通过,各有解释 verified, each explained', ...verified]),
    '',
  ].join('\n')
}

function asJson(state: FuzzState, from: number, outcome: string): string {
  const { version: _, ...rest } = state
  return `${JSON.stringify({ outcome, ...rest, perSecond: perSecond(state, from) })}\n`
}

/** `npm run fuzz`. Returns the exit code. */
export async function fuzzCommand(argv: readonly string[], io: CommandIo, world: FuzzWorld = {}): Promise<number> {
  const settings = readSettings(argv, io.cwd, world.targets ?? FUZZ_TARGETS)
  if (settings === null) {
    io.out(`${HELP}\n`)
    return EXIT.done
  }
  const { target, path, from, json } = settings
  const corpus = target.readCorpus(world.vectors ?? null)
  const state = startingState(settings, corpus)
  const report = (outcome: string) => io.out(json ? asJson(state, from, outcome) : inWords(state, from))
  if (state.next >= state.inputs) {
    io.err(`此轮已完成 this run is finished: ${state.next} / ${state.inputs}\n`)
    report('finished')
    return EXIT.done
  }
  if (state.next > from) io.err(`接着第 ${state.next} 个继续 going on at ${state.next} of ${state.inputs}\n`)
  try {
    await driveFuzz({
      bench: fuzzBench(corpus, world.families),
      state,
      signal: io.signal,
      nowMs: world.nowMs ?? (() => performance.now()),
      progress: ({ next, inputs }) => io.err(`${next} / ${inputs}, ${perSecond(state, from)} /s\n`),
      save: current => {
        if (path !== null) writeFuzzState(path, current)
      },
    })
  } catch (error) {
    if (!(error instanceof FuzzFinding)) throw error
    report('finding')
    io.err(`有发现 finding: ${describeError(error)}\n`)
    io.err(
      `再现 again: npm run fuzz -- --family ${target.family} --seed ${error.seed} --from ${error.index} --inputs 1\n`,
    )
    return EXIT.fault
  }
  if (state.next >= state.inputs) {
    report('finished')
    return EXIT.done
  }
  report('interrupted')
  const again = path === null ? '没有 --state,进度未保存 without --state nothing is kept' : `已保存 saved: ${path}`
  io.err(`中断于 interrupted at ${state.next}; ${again}\n`)
  return INTERRUPTED
}
