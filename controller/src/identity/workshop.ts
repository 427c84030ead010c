import { fromHex, type RenewalRequest, toHex } from '@ankang/protocol'
import type { Audit } from '../audit/audit.ts'
import type { CertificateAuthority, IssuedClientCertificate } from './certificate-authority.ts'
import { checkRequest, objectionToKeys } from './enrolment-objections.ts'
import { type RefusedEnrolment, refuseEnrolment } from './enrolment-outcome.ts'
import type { Registry } from './registry.ts'

interface WorkshopParts {
  readonly registry: Registry
  readonly authority: CertificateAuthority
  readonly audit: Audit
}

export type WorkshopOutcome =
  | { readonly ok: true; readonly device: string; readonly certificate: IssuedClientCertificate }
  | (RefusedEnrolment & { readonly device: string })

/**
 * Enrols boxes whose requests lie in a file at the controller's own machine: whoever carried it there stands for them, as a
 * code does elsewhere. All those that may be enrolled are, in one commit; the others are told why not, in their places.
 */
export async function enrolInWorkshop(
  { registry, authority, audit }: WorkshopParts,
  requests: readonly RenewalRequest[],
  actor: string,
): Promise<readonly WorkshopOutcome[]> {
  const seen = new Set<string>()
  const outcomes: { request: RenewalRequest; outcome: WorkshopOutcome }[] = []
  for (const request of requests) outcomes.push({ request, outcome: await judge(request) })
  registry.commit(() => {
    for (const { request, outcome } of outcomes) {
      if (!outcome.ok) continue
      const { site, device, publicKey } = request
      registry.enrol({ site, device, publicKey: fromHex(publicKey), certificate: outcome.certificate })
      const detail = { site, serial: outcome.certificate.serial, publicKey: toHex(fromHex(publicKey)) }
      audit.append({ actor, action: 'device.enrol', subject: device, purpose: null, ok: true, detail })
    }
  })
  return outcomes.map(({ outcome }) => outcome)

  async function judge(request: RenewalRequest): Promise<WorkshopOutcome> {
    const { site, device } = request
    const there = registry.find(device)
    // one box twice in a file, or an id that another site has, is a slip of whoever made the file
    if (seen.has(device) || (there !== null && there.revoked === null && there.site !== site))
      return { ...refuseEnrolment('code-of-another-device'), device }
    seen.add(device)
    const csr = await checkRequest(request)
    if (!csr.ok) return { ...csr, device }
    const objection = objectionToKeys(registry, request, csr.value)
    if (objection !== null) return { ...objection, device }
    return { ok: true, device, certificate: await authority.issueClientCertificate({ site, device, csr: csr.value }) }
  }
}
