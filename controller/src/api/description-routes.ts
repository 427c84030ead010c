import * as v from 'valibot'
import { describeApi } from './describe-api.ts'
import type { Json } from './json-schemas.ts'
import { type Route, route } from './route.ts'

/** The description of `routes`, and of itself. */
export function descriptionRoutes(routes: readonly Route[]): readonly Route[] {
  let described: Json | null = null
  const own: Route = route({
    method: 'GET',
    path: '/api/openapi.json',
    zh: '本接口的 OpenAPI 3.1 描述',
    en: 'This API, in OpenAPI 3.1',
    access: 'public',
    answer: v.record(v.string(), v.unknown()),
    handle: async () => {
      described ??= describeApi([...routes, own])
      return { ok: true, json: described }
    },
  })
  return [own]
}
