import {
  compileTrust,
  countersign,
  type DeviceAddress,
  decodeEnrolmentCode,
  describeError,
  type EnrolmentAnchors,
  type EnrolmentAnswer,
  type EnrolmentCode,
  type EnrolmentRefusal,
  enrolmentPin,
  equalBytes,
  exportEd25519,
  parseJson,
  parseTrustFile,
  type RenewalRequest,
  toHex,
  UsageError,
  utf8,
} from '@ankang/protocol'
import type { CertificateFacts, Certificates } from '../ports/certificates.ts'
import { type Clock, nowSeconds } from '../ports/clock.ts'
import type { DeskAnswer, EnrolmentDesk } from '../ports/enrolment-desk.ts'
import type { IdentityFiles, IdentityKeys } from '../ports/identity-files.ts'

/** How far an enrolment has come. */
export type EnrolmentStep = 'fetching' | 'proven' | 'requesting' | 'saving'

/** What the box itself finds wrong. */
export type OwnRefusal = 'code-mistyped' | 'centre-unproven' | 'trust-differs' | 'trust-unusable' | 'answer-wrong'

export type EnrolmentEnd =
  | { readonly ok: true; readonly certificate: CertificateFacts }
  | {
      readonly ok: false
      readonly refusal: EnrolmentRefusal | OwnRefusal
      /** Where to look, as far as this box can tell. */
      readonly detail?: string
    }

export interface EnrolmentParts {
  readonly address: DeviceAddress
  readonly desk: EnrolmentDesk
  readonly files: IdentityFiles
  readonly certificates: Certificates
  readonly clock: Clock
  readonly onStep?: (step: EnrolmentStep) => void
}

const refused = (refusal: EnrolmentRefusal | OwnRefusal): EnrolmentEnd => ({ ok: false, refusal })

/**
 * Makes this box one of the county's by a one-time code, as it was typed or scanned. Nothing of the code and nothing of the
 * box is said before the pin in the code fits what the centre showed. Rejects as desk and files do.
 */
export async function enrol(code: string, parts: EnrolmentParts): Promise<EnrolmentEnd> {
  const { address, desk, files, certificates, onStep } = parts
  const decoded = decodeEnrolmentCode(code)
  if (!decoded.ok) return refused('code-mistyped')
  onStep?.('fetching')
  const anchors = await desk.anchors()
  const ca = provenCa(anchors, decoded.value, certificates)
  if (ca === null) return refused('centre-unproven')
  const trust = utf8(anchors.trust)
  const known = (await files.load()).trust
  if (known !== null && !equalBytes(known, trust)) return refused('trust-differs')
  const fault = trustFault(anchors.trust)
  if (fault !== null) return { ok: false, refusal: 'trust-unusable', detail: fault }
  onStep?.('proven')
  const keys = await files.keys()
  const request = await countersigned(address, keys, parts)
  onStep?.('requesting')
  const said = await desk.enrol({ ...request, secret: toHex(decoded.value.secret) }, ca.pem)
  return settle(said, { ca, trust, keys }, parts)
}

/** The next certificate of a box that has one. Rejects as desk and files do, and with `not-enrolled`. */
export async function renew(parts: EnrolmentParts): Promise<EnrolmentEnd> {
  const { address, desk, files, certificates } = parts
  const ca = certificates.read((await files.load()).ca ?? '')
  if (ca === null) throw new UsageError('not-enrolled', 'expected ca.crt of an enrolled box; run ankang enrol')
  const keys = await files.keys()
  const said = await desk.renew(await countersigned(address, keys, parts), ca.pem)
  return settle(said, { ca, trust: null, keys }, parts)
}

/**
 * Null where the pin does not fit. Of what was sent only the one certificate goes on that the pin covers: whoever stands in
 * between could append a second one, and be believed by it.
 */
function provenCa(
  anchors: EnrolmentAnchors,
  { pin }: EnrolmentCode,
  certificates: Certificates,
): CertificateFacts | null {
  const ca = certificates.read(anchors.ca)
  return ca !== null && equalBytes(enrolmentPin(ca.der, utf8(anchors.trust)), pin) ? ca : null
}

/** A code is not spent on a trust file that this program could not start with. */
function trustFault(trust: string): string | null {
  const source = 'the centre’s trust file'
  try {
    compileTrust(parseTrustFile(parseJson(trust, { code: 'trust-file-invalid', source }), source))
    return null
  } catch (error) {
    if (error instanceof UsageError) return describeError(error)
    throw error
  }
}

async function countersigned(
  { site, device }: DeviceAddress,
  keys: IdentityKeys,
  { certificates, clock }: EnrolmentParts,
): Promise<RenewalRequest> {
  const { pem, der } = await certificates.request({ site, device }, keys.line)
  const publicKey = toHex(exportEd25519(keys.device))
  const said = { site, device, publicKey, issuedAt: nowSeconds(clock) }
  return { ...said, csr: pem, countersignature: countersign(said, der, keys.device) }
}

interface Ground {
  readonly ca: CertificateFacts
  readonly trust: Uint8Array | null
  readonly keys: IdentityKeys
}

async function settle(said: DeskAnswer, ground: Ground, parts: EnrolmentParts): Promise<EnrolmentEnd> {
  if (!said.ok) return refused(said.refusal)
  const certificate = rightCertificate(said.answer, ground, parts)
  if (certificate === null) return refused('answer-wrong')
  parts.onStep?.('saving')
  const { ca, trust } = ground
  await parts.files.commit({ ca: ca.pem, certificate: certificate.pem, trust, deskUrl: parts.desk.url })
  return { ok: true, certificate }
}

/** Null unless it is this box's, for its key, by the authority it believes: any other would cut it off. */
function rightCertificate(
  answer: EnrolmentAnswer,
  { ca, keys }: Ground,
  { address, certificates }: EnrolmentParts,
): CertificateFacts | null {
  const certificate = certificates.read(answer.certificate)
  const isOurs = certificate?.device === address.device && certificate.site === address.site
  return isOurs && certificates.isFor(certificate.pem, ca.pem, keys.line) ? certificate : null
}
