import { ak1Target } from './ak1-target.ts'
import type { FuzzTarget } from './fuzz-corpus.ts'
import { hc1Target } from './hc1-target.ts'
import { jtt1179Target } from './jtt1179-target.ts'

/** Every family that can be fuzzed: a new one is one import and one word here. */
export const FUZZ_TARGETS: readonly FuzzTarget[] = [ak1Target, jtt1179Target, hc1Target]
