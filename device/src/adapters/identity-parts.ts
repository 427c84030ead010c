import type { DeviceChannel } from '@ankang/protocol'
import type { ControllerConfig, DeviceConfig } from '../config.ts'
import { FileIdentity, type IdentityPaths } from './file/file-identity.ts'
import { readLineMaterial } from './file/line-material.ts'
import { MqttLink } from './mqtt/mqtt-link.ts'

/* From the configuration's `controller` to what stands behind the link and the enrolment. */

/** From a path in the configuration to the absolute one. */
type At = (path: string) => string

/** Port of the controller's HTTPS where nothing else is said. */
const DESK_PORT = 8443

function identityPaths({ keyFile, trustFile }: DeviceConfig, controller: ControllerConfig, at: At): IdentityPaths {
  return {
    ca: at(controller.caFile),
    certificate: at(controller.clientCertFile),
    lineKey: at(controller.clientKeyFile),
    deviceKey: at(keyFile),
    trust: at(trustFile),
  }
}

/** Null for a box that has no line, or one without TLS: it has nobody to prove itself to. */
export function makeIdentity(config: DeviceConfig, at: At): FileIdentity | null {
  const { controller } = config
  if (controller === undefined || !controller.url.startsWith('mqtts:')) return null
  return new FileIdentity(identityPaths(config, controller, at))
}

/** Where certificates come from: as configured, else where this box's own came from, else beside the broker. */
export function deskUrl({ url, enrolUrl }: ControllerConfig, remembered: string | null): string {
  return enrolUrl ?? remembered ?? `https://${new URL(url).hostname}:${DESK_PORT}`
}

/** Null: a site without a line. */
export function makeLink(config: DeviceConfig, at: At, listen: readonly DeviceChannel[]): MqttLink | null {
  const { controller, site, device } = config
  if (controller === undefined) return null
  const paths = identityPaths(config, controller, at)
  return new MqttLink({
    url: controller.url,
    address: { site, device },
    listen,
    material: controller.url.startsWith('mqtts:') ? () => readLineMaterial(paths) : null,
    random: Math.random,
  })
}
