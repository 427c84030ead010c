import type { Bench } from './bench.ts'
import { showing } from './showing.ts'
import { start } from './start.ts'

/** Benches of `ankang bench`. */
export const benches: readonly Bench[] = [showing, start]
