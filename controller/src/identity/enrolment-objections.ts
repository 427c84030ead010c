import { X509Certificate } from 'node:crypto'
import { type Decoded, equalBytes, fromHex, isCountersigned, type RenewalRequest } from '@ankang/protocol'
import { type CertificateRequest, readCertificateRequest } from './certificate-request.ts'
import type { KeptCode } from './enrolment-codes.ts'
import { type RefusedEnrolment, refuseEnrolment } from './enrolment-outcome.ts'
import type { EnrolledDevice, IssuedCertificate, Registry } from './registry.ts'

/** Of its life, that a certificate must have left to be given out again instead of a new one. */
const STILL_NEW = 2 / 3

export function isLive(there: EnrolledDevice | null): there is EnrolledDevice {
  return there !== null && there.revoked === null
}

type Request = Pick<RenewalRequest, 'site' | 'device' | 'publicKey'>

/** Why a code does not make this box ours. Asked with the box that has the id at present. */
export function objectionToCode(
  code: KeptCode | null,
  there: EnrolledDevice | null,
  { site, device }: Request,
  nowMs: number,
): RefusedEnrolment | null {
  if (code === null) return refuseEnrolment('code-unknown')
  if (code.usedMs !== null) return refuseEnrolment('code-used')
  if (code.expiresMs <= nowMs) return refuseEnrolment('code-expired')
  if (code.site !== site || code.device !== device) return refuseEnrolment('code-of-another-device')
  // enrolled some other way since the code was made: the code was for a place that was free
  if (isLive(there) && !code.mayReplace)
    return refuseEnrolment(
      'code-of-another-device',
      '该编号已由另一设备入网 another box has been enrolled under this id',
    )
  return null
}

/** Why a box may not be ours with these keys: of a revoked one neither comes back, nor what opens the line. */
export function objectionToKeys(
  registry: Registry,
  { device, publicKey }: Request,
  { key }: CertificateRequest,
): RefusedEnrolment | null {
  const objection = registry.objectionTo(device, fromHex(publicKey))
  if (objection !== null) return refuseEnrolment(objection)
  const isRevoked = (registry.find(device)?.revoked ?? null) !== null
  if (isRevoked && registry.certificatesOf(device).some(({ pem }) => isFor(pem, key)))
    return refuseEnrolment('device-revoked', 'client.key')
  return null
}

/** Why a box gets no further certificate. */
export function objectionToRenewal(
  there: EnrolledDevice | null,
  { site, publicKey }: Request,
): RefusedEnrolment | null {
  if (there === null || there.site !== site) return refuseEnrolment('device-unknown')
  if (there.revoked !== null) return refuseEnrolment('device-revoked')
  return equalBytes(there.publicKey, fromHex(publicKey)) ? null : refuseEnrolment('wrong-key')
}

/** The certificate request, once both keys have signed it. */
export async function checkRequest(
  request: RenewalRequest,
): Promise<RefusedEnrolment | (Decoded<CertificateRequest> & { readonly ok: true })> {
  const csr = await readCertificateRequest(request.csr)
  if (!csr.ok) return refuseEnrolment('csr-invalid', csr.detail)
  return isCountersigned(request, csr.value.der) ? csr : refuseEnrolment('countersignature-bad')
}

/** A certificate for the same key, given out so lately that a new one would only fill the store. */
export function stillNew(
  certificates: readonly IssuedCertificate[],
  { key }: CertificateRequest,
  nowMs: number,
): IssuedCertificate | null {
  const isYoung = ({ issuedMs, notAfterMs }: IssuedCertificate): boolean =>
    (notAfterMs - nowMs) / (notAfterMs - issuedMs) > STILL_NEW
  return certificates.find(one => one.revokedMs === null && isYoung(one) && isFor(one.pem, key)) ?? null
}

/** What a box has got for a code that still lives, when it comes with the keys it came with before. */
export function givenFor(
  code: KeptCode | null,
  registry: Registry,
  request: Request,
  csr: CertificateRequest,
  nowMs: number,
): IssuedCertificate | null {
  if (code === null || code.usedMs === null || code.expiresMs <= nowMs) return null
  if (code.site !== request.site || code.device !== request.device) return null
  if (objectionToRenewal(registry.find(code.device), request) !== null) return null
  return stillNew(registry.certificatesOf(code.device), csr, nowMs)
}

function isFor(pem: string, key: CertificateRequest['key']): boolean {
  return new X509Certificate(pem).publicKey.equals(key)
}
