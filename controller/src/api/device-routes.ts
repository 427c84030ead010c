import type { ReportedPayload } from '@ankang/protocol'
import * as v from 'valibot'
import type { DeviceView } from '../fleet/views.ts'
import { identityOf } from '../identity/device-identity.ts'
import type { Registry } from '../identity/registry.ts'
import type { DesiredState } from '../orders/order-book.ts'
import { type Route, route } from './route.ts'
import { type DeviceDetail, deviceDetailSchema } from './view-schemas.ts'

export interface DeviceRouteParts {
  readonly fleet: {
    deviceView(device: string): DeviceView | null
    reportedBy(device: string): ReportedPayload | null
  }
  readonly registry: Registry
  /** What is desired of devices, as it was last set. */
  readonly desiredBook: { find(device: string): DesiredState | null }
}

function detailOf({ fleet, registry, desiredBook }: DeviceRouteParts, device: string): DeviceDetail | null {
  const view = fleet.deviceView(device)
  const identity = identityOf(registry, device)
  if (view === null || identity === null) return null
  const set = desiredBook.find(device)
  return {
    ...view,
    ...identity,
    desired:
      set === null ? null : { version: set.version, config: { ...set.config }, setMs: set.setMs, setBy: set.setBy },
    reported: fleet.reportedBy(device),
  }
}

/** Everything about one device. */
export function deviceRoutes(parts: DeviceRouteParts): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/devices/:device',
      zh: '一台设备的全部：现状、身份、期望配置与设备自报',
      en: 'All about one device: how it is, who it is, what is wanted of it and what it says it does',
      access: ['live:read'],
      params: v.strictObject({ device: v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,40}$/)) }),
      answer: v.object({ device: deviceDetailSchema }),
      refusals: ['device-unknown'],
      handle: async ({ params }) => {
        const detail = detailOf(parts, params.device)
        return detail === null
          ? { ok: false, status: 404, error: 'device-unknown', message: '没有这台设备 · there is no such device' }
          : { ok: true, json: { device: detail } }
      },
    }),
  ]
}
