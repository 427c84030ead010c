import type { AuditReader } from '../audit/audit.ts'
import { auditRoutes } from '../audit/audit-routes.ts'
import { enrolmentRoutes } from '../identity/enrolment-routes.ts'
import { orderRoutes } from '../orders/order-routes.ts'
import type { AccessTokens } from '../people/access-tokens.ts'
import { operatorRoutes } from '../people/operator-routes.ts'
import type { Operators } from '../people/operators.ts'
import { tokenRoutes } from '../people/token-routes.ts'
import { descriptionRoutes } from './description-routes.ts'
import { type DeviceRouteParts, deviceRoutes } from './device-routes.ts'
import { type HealthRouteParts, healthRoutes } from './health-routes.ts'
import { type LiveRouteParts, liveRoutes } from './live-routes.ts'
import { type LookUpRouteParts, lookUpRoutes } from './look-up-routes.ts'
import type { Metrics } from './metrics.ts'
import { metricsRoutes } from './metrics-routes.ts'
import type { Route } from './route.ts'
import { type SessionRouteParts, sessionRoutes } from './session-routes.ts'

/** What the routes ask. None of it is touched before somebody calls. */
export interface ApiParts {
  readonly sessions: SessionRouteParts
  readonly live: LiveRouteParts
  readonly devices: DeviceRouteParts
  readonly lookUps: LookUpRouteParts
  readonly orders: Parameters<typeof orderRoutes>[0]
  readonly enrolment: Parameters<typeof enrolmentRoutes>[0]
  readonly operators: Operators
  readonly tokens: AccessTokens
  readonly audit: AuditReader
  readonly health: HealthRouteParts
  readonly metrics: Pick<Metrics, 'text'>
}

/** Everything the centre answers over HTTPS, beside the page's own files. */
export function apiRoutes(parts: ApiParts): readonly Route[] {
  const routes = [
    ...sessionRoutes(parts.sessions),
    ...liveRoutes(parts.live),
    ...deviceRoutes(parts.devices),
    ...orderRoutes(parts.orders),
    ...lookUpRoutes(parts.lookUps),
    ...enrolmentRoutes(parts.enrolment),
    ...operatorRoutes(parts.operators),
    ...tokenRoutes(parts.tokens),
    ...auditRoutes(parts.audit),
    ...metricsRoutes(parts),
    ...healthRoutes(parts.health),
  ]
  return [...routes, ...descriptionRoutes(routes)]
}
