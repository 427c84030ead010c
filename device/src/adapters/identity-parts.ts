import { createPrivateKey } from 'node:crypto'
import { type DeviceChannel, UsageError } from '@ankang/protocol'
import type { ControllerConfig, DeviceConfig } from '../config.ts'
import type { EnrolmentParts, EnrolmentStep } from '../enrolment/enrol.ts'
import type { CertificateFacts } from '../ports/certificates.ts'
import type { Clock } from '../ports/clock.ts'
import { FileIdentity, type IdentityPaths } from './file/file-identity.ts'
import { readLineMaterial } from './file/line-material.ts'
import { HttpsDesk } from './https/https-desk.ts'
import { MqttLink } from './mqtt/mqtt-link.ts'
import { certificates } from './x509/certificates.ts'

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

function isOverTls({ url }: ControllerConfig): boolean {
  return url.startsWith('mqtts:')
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
    material: isOverTls(controller) ? () => readLineMaterial(paths) : null,
    random: Math.random,
  })
}

/** A box's identity as its configuration places it. */
export interface BoxIdentity {
  /** The certificate that is there; null: not enrolled. Finishes what a power cut interrupted. */
  current(): Promise<CertificateFacts | null>
  /** Throws what is wrong with a certificate that is there: `line-material-unreadable`, `certificate-unfit`. */
  check(): void
  /** At `url`, or where the configuration says, or where the last certificate came from, or beside the broker. */
  enrolment(asked?: { readonly url?: string; readonly onStep?: (step: EnrolmentStep) => void }): Promise<EnrolmentParts>
}

/** Null for a box that has no line, or one without TLS: it has nobody to prove itself to. */
export function makeIdentity(config: DeviceConfig, at: At, clock: Clock): BoxIdentity | null {
  const { controller, site, device } = config
  if (controller === undefined || !isOverTls(controller)) return null
  const paths = identityPaths(config, controller, at)
  const files = new FileIdentity(paths)
  return {
    current: async () => {
      const { certificate } = await files.load()
      if (certificate === null) return null
      const facts = certificates.read(certificate)
      if (facts === null) throw unfit(controller, 'expected a certificate as PEM')
      return facts
    },
    check: () => {
      const { ca, certificate, key } = readLineMaterial(paths)
      const facts = certificates.read(certificate)
      if (facts?.device !== device || facts.site !== site)
        throw unfit(controller, `expected a certificate for ${device} at ${site}, it is for ${describe(facts)}`)
      if (!certificates.isFor(certificate, ca, createPrivateKey(key)))
        throw unfit(controller, `expected a certificate of ${controller.caFile} for ${controller.clientKeyFile}`)
    },
    enrolment: async ({ url, onStep } = {}) => {
      const remembered = controller.enrolUrl === undefined ? (await files.load()).deskUrl : null
      const desk = new HttpsDesk(url ?? controller.enrolUrl ?? remembered ?? besideBroker(controller))
      return {
        address: { site, device },
        desk,
        files,
        certificates,
        clock,
        ...(onStep === undefined ? {} : { onStep }),
      }
    },
  }
}

function besideBroker({ url }: ControllerConfig): string {
  return `https://${new URL(url).hostname}:${DESK_PORT}`
}

function describe(facts: CertificateFacts | null): string {
  return facts === null ? 'nobody' : `${facts.device ?? 'nobody'} at ${facts.site ?? 'no site'}`
}

function unfit({ clientCertFile }: ControllerConfig, detail: string): UsageError {
  return new UsageError('certificate-unfit', `${clientCertFile}: ${detail}; enrol the box again (ankang enrol)`)
}
