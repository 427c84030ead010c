import { attack } from './attack.ts'
import type { Bench } from './bench.ts'
import { bus } from './bus.ts'
import { decode } from './decode.ts'
import { fleet } from './fleet.ts'
import { journal } from './journal.ts'
import { ride } from './ride.ts'
import { showing } from './showing.ts'
import { start } from './start.ts'
import { verify } from './verify.ts'

/** Benches of `ankang bench`. */
export const benches: readonly Bench[] = [showing, bus, decode, verify, ride, journal, start, attack, fleet]
