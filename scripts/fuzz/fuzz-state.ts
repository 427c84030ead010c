/*
 * How far a run has come, on disk: whoever interrupts a run of hours goes on where it stood.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { parseJson, parseWith, UsageError } from '@ankang/protocol'
import * as v from 'valibot'

const whole = v.pipe(v.number(), v.integer(), v.minValue(0))
const counts = v.record(v.string(), whole)

const FUZZ_STATE = v.strictObject({
  version: v.literal(1),
  family: v.string(),
  seed: whole,
  /** Index behind the last: the inputs the run is to have in all, where it began at 0. */
  inputs: whole,
  /** Index of the first input not yet tried. */
  next: whole,
  /** Of the corpus, hex: other codes or mutations would make the figures a mixture. */
  corpus: v.string(),
  /** Time spent so far. */
  seconds: v.pipe(v.number(), v.minValue(0)),
  figures: v.strictObject({
    inputs: whole,
    unchanged: whole,
    refusedBy: counts,
    verifiedAs: counts,
    byMutation: counts,
  }),
})

export type FuzzState = v.InferOutput<typeof FUZZ_STATE>

/** Null where there is no such file yet. Throws `fuzz-state-invalid`. */
export function readFuzzState(path: string): FuzzState | null {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw new UsageError('fuzz-state-invalid', `${path}: cannot be read`, { cause: error })
  }
  const context = { code: 'fuzz-state-invalid', source: path }
  return parseWith(FUZZ_STATE, parseJson(text, context), context)
}

/** Whole or not at all: the new file takes the old one's place in one step. */
export function writeFuzzState(path: string, state: FuzzState): void {
  const draft = `${path}.new`
  writeFileSync(draft, `${JSON.stringify(state)}\n`)
  renameSync(draft, path)
}
