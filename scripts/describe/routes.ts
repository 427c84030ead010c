import { type ApiParts, apiRoutes } from '../../controller/src/api/api-routes.ts'
import type { Route } from '../../controller/src/api/route.ts'

/** Stands for every part: routes touch none before somebody calls them. */
const untouched = new Proxy(
  {},
  {
    get: (target, name) => Reflect.get(target, name) ?? untouched,
  },
)

/** The routes of the centre, to be read and not to be called. */
export function declaredRoutes(): readonly Route[] {
  return apiRoutes(untouched as ApiParts)
}
