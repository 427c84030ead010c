/*
 * npm run fuzz -- [--count 1000000] [--from 0] [--seed 1]
 *
 * Prints its figures as one JSON line. An interrupted run says where to go on with --from.
 */
import { parseArgs } from 'node:util'
import { BugError, describeError } from '@ankang/protocol'
import { type FuzzFigures, fuzzAk1, readCorpus } from './fuzz/ak1-run.ts'

const SLICE = 10_000

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '1000000' },
    from: { type: 'string', default: '0' },
    seed: { type: 'string', default: '1' },
  },
})
const [count, from, seed] = [Number(values.count), Number(values.from), Number(values.seed)]
const corpus = readCorpus()
const figures: FuzzFigures = { inputs: 0, unchanged: 0, refusedBy: {}, byMutation: {} }
const startedMs = performance.now()
let index = from
let interrupted = false
process.once('SIGINT', () => {
  interrupted = true
})

function report(): void {
  const seconds = (performance.now() - startedMs) / 1000
  const perSecond = Math.round(figures.inputs / seconds)
  console.log(JSON.stringify({ seed, from, next: index, ...figures, perSecond }))
}

try {
  while (index < from + count && !interrupted) {
    const slice = Math.min(SLICE, from + count - index)
    fuzzAk1(corpus, { seed, from: index, count: slice }, figures)
    index += slice
    if (index % (10 * SLICE) === 0) console.error(`${index} …`)
    await new Promise(resolve => setImmediate(resolve)) // lets Ctrl-C in
  }
  report()
  if (interrupted)
    console.error(`interrupted; go on with --seed ${seed} --from ${index} --count ${from + count - index}`)
} catch (error) {
  if (!(error instanceof BugError)) throw error
  console.error(describeError(error))
  report()
  process.exitCode = 1
}
