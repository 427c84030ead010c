import type { Command } from '@ankang/protocol'
import { benchCommand } from './bench.ts'
import { phone } from './phone.ts'
import { sim } from './sim.ts'

/** The subcommands this package adds to `ankang`. */
export const commands: readonly Command[] = [phone, sim, benchCommand]
