import type { Command } from '@ankang/protocol'
import { exportCommand } from './export.ts'

/** What the controller adds to `ankang`. */
export const commands: readonly Command[] = [exportCommand]
