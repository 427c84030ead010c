import * as v from 'valibot'
import type { DeviceView, ShowingView } from '../fleet/views.ts'
import { actorOf } from '../people/principal.ts'
import type { Tally } from '../store/tally.ts'
import type { EventStream } from './event-stream.ts'
import { type Route, route } from './route.ts'
import { deviceSchema, showingSchema, summarySchema } from './view-schemas.ts'

export interface LiveRouteParts {
  readonly fleet: {
    deviceViews(): readonly DeviceView[]
    deviceCount(): number
    newestShowings(limit: number): readonly ShowingView[]
  }
  readonly tallies: { total(): Tally }
  readonly stream: EventStream
}

const SHOWINGS = 50
const MAX_SHOWINGS = 500
const limit = v.pipe(
  v.string(),
  v.regex(/^(?:[1-9]\d?|[1-4]\d\d|500)$/, `expected a whole number from 1 to ${MAX_SHOWINGS}`),
)
const EVENTS = `Server-sent events: \`showing\`, \`device\` and \`command\` with the object as JSON, and \`beat\` every 15 s.`

function summary({ fleet, tallies }: LiveRouteParts): Route {
  return route({
    method: 'GET',
    path: '/api/summary',
    zh: '总数：记录、亮码、重复、缺口、设备',
    en: 'Totals: records, showings, duplicates, gaps, devices',
    access: ['live:read'],
    answer: summarySchema,
    handle: async () => ({ ok: true, json: { ...tallies.total(), devices: fleet.deviceCount() } }),
  })
}

function devices({ fleet }: LiveRouteParts): Route {
  return route({
    method: 'GET',
    path: '/api/devices',
    zh: '全部已入网设备的现状',
    en: 'Every enrolled device as it is now',
    access: ['live:read'],
    answer: v.object({ devices: v.array(deviceSchema) }),
    handle: async () => ({ ok: true, json: { devices: [...fleet.deviceViews()] } }),
  })
}

function showings({ fleet }: LiveRouteParts): Route {
  return route({
    method: 'GET',
    path: '/api/showings',
    zh: '最新的亮码结果，新的在前；不含任何人的姓名',
    en: 'The newest showings, newest first; nobody is named',
    access: ['live:read'],
    query: v.strictObject({ limit: v.optional(limit, String(SHOWINGS)) }),
    answer: v.object({ showings: v.array(showingSchema) }),
    handle: async ({ query }) => ({ ok: true, json: { showings: [...fleet.newestShowings(Number(query.limit))] } }),
  })
}

function events({ stream }: LiveRouteParts): Route {
  return route({
    method: 'GET',
    path: '/api/events',
    zh: '实时事件流：亮码、设备、命令',
    en: 'What happens, as it happens: showings, devices, commands',
    access: ['live:read'],
    media: 'text/event-stream',
    answer: v.pipe(v.string(), v.description(EVENTS)),
    refusals: ['too-many-watchers'],
    handle: async request =>
      stream.hasRoomFor(actorOf(request))
        ? { ok: true, json: '' }
        : {
            ok: false,
            status: 503,
            error: 'too-many-watchers',
            message: '打开的页面太多 · too many pages are watching; close one, or ask again later',
            retryMs: 10_000,
          },
    takeOver: line => stream.add(line),
  })
}

/** What the page shows by itself. */
export function liveRoutes(parts: LiveRouteParts): readonly Route[] {
  return [summary(parts), devices(parts), showings(parts), events(parts)]
}
