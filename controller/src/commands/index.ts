import type { Command } from '@ankang/protocol'
import { scenes } from '../index.ts'
import { deviceCommand } from './device.ts'
import { exportCommand } from './export.ts'
import { operatorCommand } from './operator.ts'

/** What the controller adds to `ankang`. */
export const commands: readonly Command[] = [
  deviceCommand,
  exportCommand,
  operatorCommand,
  ...scenes.flatMap(scene => scene.commands ?? []),
]
