import type { Command } from '@ankang/protocol'
import { enrolCommand } from './enrol.ts'
import { verifyCommand } from './verify.ts'

/** What this package gives to the `ankang` command. */
export const commands: readonly Command[] = [enrolCommand, verifyCommand]
