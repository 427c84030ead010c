import { equalBytes, fromHex, type RenewalRequest } from '@ankang/protocol'
import type { Audit } from '../audit/audit.ts'
import type { CertificateAuthority, IssuedClientCertificate } from './certificate-authority.ts'
import type { CertificateRequest } from './certificate-request.ts'
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

interface Judged {
  readonly request: RenewalRequest
  readonly outcome: WorkshopOutcome
  /** Null where it was refused. */
  readonly csr: CertificateRequest | null
}

/** A box that is on duty keeps its place: another one takes it only once it is revoked, or with a code made for that. */
function isTaken(registry: Registry, { site, device, publicKey }: RenewalRequest): boolean {
  const there = registry.find(device)
  if (there === null || there.revoked !== null) return false
  return there.site !== site || !equalBytes(there.publicKey, fromHex(publicKey))
}

/** Why this box is not enrolled, as things stand now. */
function objectionTo(registry: Registry, request: RenewalRequest, csr: CertificateRequest): RefusedEnrolment | null {
  return isTaken(registry, request)
    ? refuseEnrolment('code-of-another-device', '--replace')
    : objectionToKeys(registry, request, csr)
}

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
  const judged: Judged[] = []
  for (const request of requests) judged.push({ request, ...(await judge(request)) })
  // asked again where nobody can come between: the controller or another command may have been first
  return registry.commit(() =>
    judged.map(({ request, outcome, csr }): WorkshopOutcome => {
      const { site, device, publicKey } = request
      const late = csr === null ? null : objectionTo(registry, request, csr)
      if (late !== null) return { ...late, device }
      if (!outcome.ok) return outcome
      const { certificate } = outcome
      registry.enrol({ site, device, publicKey: fromHex(publicKey), certificate })
      const detail = { site, serial: certificate.serial, publicKey }
      audit.append({ actor, action: 'device.enrol', subject: device, purpose: null, ok: true, detail })
      return outcome
    }),
  )

  async function judge(request: RenewalRequest): Promise<Omit<Judged, 'request'>> {
    const { site, device } = request
    const refused = (why: RefusedEnrolment) => ({ outcome: { ...why, device }, csr: null })
    // one box twice in a file is a slip of whoever made it
    if (seen.has(device)) return refused(refuseEnrolment('code-of-another-device'))
    seen.add(device)
    const csr = await checkRequest(request)
    if (!csr.ok) return refused(csr)
    const objection = objectionTo(registry, request, csr.value)
    if (objection !== null) return refused(objection)
    const certificate = await authority.issueClientCertificate({ site, device, csr: csr.value })
    return { outcome: { ok: true, device, certificate }, csr: csr.value }
  }
}
