import type { Bench } from './bench.ts'
import { showing } from './showing.ts'

/** Benches of `ankang bench`. */
export const benches: readonly Bench[] = [showing]
