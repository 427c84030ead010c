import type { RecordBody } from '@ankang/protocol'
import type { DayEntry } from '../store/ledger.ts'
import type { ControllerScene } from './controller-scene.ts'

/** A body that nobody can read may be anything, also something that is counted. */
const UNREADABLE: DayEntry = { scene: '', day: 0, timeMs: 0 }

/** Where a record stands in the daybook; `body` null: it cannot be read. Null where no scene counts it by days. */
export function dayEntryOf(scenes: readonly ControllerScene[], body: RecordBody | null): DayEntry | null {
  if (body === null) return UNREADABLE
  const scene = scenes.find(({ name }) => name === body.scene)
  const day = scene?.dayOf?.(body) ?? null
  return scene === undefined || day === null ? null : { scene: scene.name, day, timeMs: body.timeMs }
}
