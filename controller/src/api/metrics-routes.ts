import * as v from 'valibot'
import type { Metrics } from './metrics.ts'
import { type Route, route } from './route.ts'

export function metricsRoutes({ metrics }: { readonly metrics: Pick<Metrics, 'text'> }): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/metrics',
      zh: 'Prometheus 指标；不含任何人',
      en: 'Metrics for Prometheus; nobody is in them',
      access: ['metrics:read'],
      media: 'text/plain; version=0.0.4; charset=utf-8',
      answer: v.string(),
      handle: async () => ({ ok: true, json: await metrics.text() }),
    }),
  ]
}
