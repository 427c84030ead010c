import * as v from 'valibot'
import type { Scene } from '../scene.ts'

/** Long enough to walk through (EN 60839-11-1 allows 3 s and more), short enough that nobody follows. */
const DEFAULT_OPEN_SECONDS = 3
const MAX_OPEN_SECONDS = 30

/** The 7×24 hall: who is admitted gets the door for a few seconds. */
export const hallDoor: Scene = {
  name: 'hall-door',
  policyEntries: {
    openSeconds: v.optional(v.pipe(v.number(), v.minValue(1), v.maxValue(MAX_OPEN_SECONDS)), DEFAULT_OPEN_SECONDS),
  },
  reasons: [],
  decide: (_presentation, { policy }) => ({
    reason: 'ok',
    effects: [
      {
        kind: 'release',
        output: 'door',
        durationMs: Number(policy.sceneOptions['openSeconds'] ?? DEFAULT_OPEN_SECONDS) * 1000,
      },
    ],
  }),
}
