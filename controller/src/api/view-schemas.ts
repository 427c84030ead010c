import { alarmPayload, OUTCOMES, reportedPayload, TIME_TRUST } from '@ankang/protocol'
import * as v from 'valibot'
import type { DeviceView, ShowingView } from '../fleet/views.ts'
import { deviceIdentity } from '../identity/device-identity.ts'

/* What the API gives of showings and devices. No field can name a person. */

const count = v.pipe(v.number(), v.integer(), v.minValue(0))
const timeMs = v.pipe(v.number(), v.integer(), v.minValue(0))
const stageMs = v.pipe(v.number(), v.minValue(0))

export const showingSchema = v.object({
  site: v.string(),
  device: v.string(),
  epoch: v.string(),
  seq: v.pipe(v.number(), v.integer(), v.minValue(1)),
  timeMs,
  timeTrust: v.picklist(TIME_TRUST),
  scene: v.string(),
  outcome: v.picklist(OUTCOMES),
  reason: v.string(),
  zh: v.string(),
  en: v.string(),
  symbol: v.picklist(['tick', 'cross', 'stop', 'clock', 'person', 'phone', 'repeat', 'question', 'tool']),
  signalColour: v.picklist(['green', 'yellow', 'red', 'blue', 'grey']),
  note: v.nullable(v.object({ zh: v.string(), en: v.string() })),
  family: v.nullable(v.string()),
  colour: v.nullable(v.string()),
  stages: v.nullable(v.object({ read: stageMs, recognise: stageMs, verify: stageMs, decide: stageMs })),
  receivedMs: timeMs,
}) satisfies v.GenericSchema<ShowingView>

const device = v.object({
  site: v.string(),
  device: v.string(),
  state: v.string(),
  scene: v.nullable(v.string()),
  recordsStored: count,
  showingsStored: count,
  duplicates: count,
  gaps: count,
  backlog: count,
  head: v.nullable(v.object({ epoch: v.string(), seq: count })),
  storedThrough: count,
  lastSeenMs: v.nullable(timeMs),
  lastShowing: v.nullable(showingSchema),
  lastAlarm: v.nullable(alarmPayload),
  connected: v.boolean(),
  bootedMs: v.nullable(timeMs),
  firmware: v.nullable(v.string()),
  hardware: v.nullable(v.string()),
  clock: v.nullable(v.picklist(TIME_TRUST)),
  lockdown: v.nullable(v.boolean()),
  reported: v.nullable(
    v.object({
      version: count,
      error: v.nullable(v.object({ version: v.nullable(count), detail: v.string() })),
    }),
  ),
  desiredVersion: count,
  quarantined: count,
  revoked: v.boolean(),
})
export const deviceSchema = device satisfies v.GenericSchema<DeviceView>

/** What was last set for a device, by whom and when. */
const desired = v.object({
  version: count,
  config: v.record(v.string(), v.union([v.string(), v.number()])),
  setMs: timeMs,
  setBy: v.string(),
})

/** A device with who it is, what is wanted of it and what it says it does. */
export const deviceDetailSchema = v.object({
  ...v.omit(device, ['revoked', 'reported']).entries,
  ...deviceIdentity.entries,
  desired: v.nullable(desired),
  reported: v.nullable(reportedPayload),
})
export type DeviceDetail = v.InferInput<typeof deviceDetailSchema>

export const summarySchema = v.object({
  records: count,
  showings: count,
  duplicates: count,
  gaps: count,
  devices: count,
})
