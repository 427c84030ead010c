import * as v from 'valibot'
import { type Route, route } from './route.ts'

export interface HealthRouteParts {
  /** Whether each part of the centre does its work, by a plain name. */
  readonly readiness: () => Readonly<Record<string, boolean>>
}

const okSchema = v.object({ ok: v.literal(true) })
const OK = { ok: true, json: { ok: true } } as const

/** For whatever watches over this program: nothing here says more than which part is not ready. */
export function healthRoutes({ readiness }: HealthRouteParts): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/healthz',
      zh: '存活：进程在应答',
      en: 'Liveness: this process answers',
      access: 'public',
      answer: okSchema,
      handle: async () => OK,
    }),
    route({
      method: 'GET',
      path: '/readyz',
      zh: '就绪：存储能写入，消息线路在监听',
      en: 'Readiness: the store takes records, the broker listens',
      access: 'public',
      answer: okSchema,
      refusals: ['not-ready'],
      handle: async () => {
        const missing = Object.entries(readiness()).flatMap(([part, isReady]) => (isReady ? [] : [part]))
        if (missing.length === 0) return OK
        return { ok: false, status: 503, error: 'not-ready', message: `尚未就绪 · not ready: ${missing.join(', ')}` }
      },
    }),
  ]
}
