/*
 * Takes a run from where it stands to its end, in slices short enough to hear Ctrl-C, to tell how far it is, and to save.
 */
import { type FuzzBench, FuzzFinding, fuzzRange } from './fuzz-run.ts'
import type { FuzzState } from './fuzz-state.ts'

/** A tenth of a second or so, whatever the family. */
const SLICE_INPUTS = 100
const PROGRESS_MS = 1000
const SAVE_MS = 3000

export interface FuzzDriving {
  readonly bench: FuzzBench
  /** Advanced in place. */
  readonly state: FuzzState
  readonly signal: AbortSignal
  /** Monotonic. */
  readonly nowMs: () => number
  readonly progress: (state: FuzzState) => void
  readonly save: (state: FuzzState) => void
}

/** Resolves at the end, or after the slice in which `signal` fired. A finding is thrown once its place has been saved. */
export async function driveFuzz({ bench, state, signal, nowMs, progress, save }: FuzzDriving): Promise<void> {
  let tickMs = nowMs()
  let progressMs = tickMs
  let saveMs = tickMs
  const spend = (): void => {
    const now = nowMs()
    state.seconds += (now - tickMs) / 1000
    tickMs = now
  }
  try {
    while (state.next < state.inputs && !signal.aborted) {
      const count = Math.min(SLICE_INPUTS, state.inputs - state.next)
      fuzzRange(bench, { seed: state.seed, from: state.next, count }, state.figures)
      state.next += count
      spend()
      if (tickMs - progressMs >= PROGRESS_MS) {
        progress(state)
        progressMs = tickMs
      }
      if (tickMs - saveMs >= SAVE_MS) {
        save(state)
        saveMs = tickMs
      }
      await new Promise(resolve => setImmediate(resolve)) // lets Ctrl-C in
    }
  } catch (error) {
    if (error instanceof FuzzFinding) state.next = error.index // the figures hold what came before it
    throw error
  } finally {
    spend()
    save(state)
  }
}
