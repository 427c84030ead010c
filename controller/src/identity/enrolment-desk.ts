import {
  ENROLMENT_SECRET_BYTES,
  type EnrolmentAnchors,
  type EnrolmentAnswer,
  type EnrolmentRequest,
  encodeEnrolmentCode,
  fromHex,
  isTopicId,
  type RenewalRequest,
  sha256,
  toHex,
  UsageError,
} from '@ankang/protocol'
import type { Audit } from '../audit/audit.ts'
import { type Refusals, refuse } from '../refusals.ts'
import { readAnchors, readPin } from './anchors.ts'
import { AttemptLimits, type EnrolmentLimits } from './attempt-limits.ts'
import type { CertificateAuthority, IssuedClientCertificate } from './certificate-authority.ts'
import type { CertificateRequest } from './certificate-request.ts'
import type { EnrolmentCodes, KeptCode } from './enrolment-codes.ts'
import {
  checkRequest,
  givenFor,
  isLive,
  objectionToCode,
  objectionToKeys,
  objectionToRenewal,
  stillNew,
} from './enrolment-objections.ts'
import { type EnrolmentOutcome, type RefusedEnrolment, refuseEnrolment } from './enrolment-outcome.ts'
import type { EnrolledDevice, Registry } from './registry.ts'

export const CODE_MINUTES = { default: 60, most: 7 * 24 * 60 } as const

export interface EnrolmentDeskParts {
  readonly registry: Registry
  readonly codes: EnrolmentCodes
  readonly authority: CertificateAuthority
  readonly trustFile: string
  readonly audit: Audit
  readonly refusals: Refusals
  readonly nowMs: () => number
  readonly random: (lengthBytes: number) => Uint8Array
  readonly limits?: EnrolmentLimits
}

export interface CodeWish {
  readonly site: string
  readonly device: string
  /** Up to a week; an hour where it is left out. */
  readonly minutes?: number | undefined
  /** As the audit log names whoever makes it. */
  readonly createdBy: string
  /** Whether it may take the place of a live box: for the person at the controller's own machine, and for nobody's role. */
  readonly replace?: boolean | undefined
}

/** Shown once, to whoever made it; nobody can read it afterwards. */
export interface CreatedCode {
  readonly site: string
  readonly device: string
  readonly typed: string
  readonly qr: string
  readonly expiresMs: number
}

export type CodeOutcome =
  | { readonly ok: true; readonly code: CreatedCode }
  | { readonly ok: false; readonly error: 'device-elsewhere' | 'device-enrolled'; readonly detail: string }

function checkWish({ site, device, minutes = CODE_MINUTES.default }: CodeWish): number {
  for (const [name, id] of Object.entries({ site, device }))
    if (!isTopicId(id))
      throw new UsageError('enrolment-invalid', `${name}: expected an id of a-z, 0-9 and -, got ${JSON.stringify(id)}`)
  if (Number.isInteger(minutes) && minutes >= 1 && minutes <= CODE_MINUTES.most) return minutes
  throw new UsageError('enrolment-invalid', `minutes: expected 1 to ${CODE_MINUTES.most}, got ${minutes}`)
}

/** Makes boxes ours: hands out codes, takes them back, gives certificates for them and renews those. */
export class EnrolmentDesk {
  readonly #parts: EnrolmentDeskParts
  readonly #limits: AttemptLimits

  constructor(parts: EnrolmentDeskParts) {
    this.#parts = parts
    this.#limits = new AttemptLimits(parts.nowMs, parts.limits)
  }

  /** Throws `enrolment-invalid` and `trust-unreadable`. */
  async createCode(wish: CodeWish): Promise<CodeOutcome> {
    const { registry, codes, nowMs, random } = this.#parts
    const minutes = checkWish(wish)
    const { site, device, createdBy, replace = false } = wish
    const there = registry.find(device)
    if (isLive(there) && there.site !== site)
      return {
        ok: false,
        error: 'device-elsewhere',
        detail: `${device} 属于 ${there.site}，设备编号全县唯一 · belongs to ${there.site}, and ids are unique in the county; take another id, or revoke it there first`,
      }
    if (isLive(there) && !replace)
      return {
        ok: false,
        error: 'device-enrolled',
        detail:
          '该设备已入网；更换须先由安全管理员吊销 · this device is enrolled; to replace it, the security administrator revokes it first',
      }
    const secret = random(ENROLMENT_SECRET_BYTES)
    const { typed, qr } = encodeEnrolmentCode({ secret, pin: await readPin(this.#parts) })
    const createdMs = nowMs()
    const expiresMs = createdMs + minutes * 60_000
    registry.commit(() => {
      codes.add({
        secretHash: sha256(secret),
        site,
        device,
        createdMs,
        createdBy,
        expiresMs,
        usedMs: null,
        mayReplace: replace,
      })
      const replaces = isLive(there) ? { replaces: toHex(there.publicKey) } : {}
      this.#record(createdBy, 'enrolment-code.create', device, true, { site, minutes, ...replaces })
    })
    return { ok: true, code: { site, device, typed, qr, expiresMs } }
  }

  /** False when the device has no unused code. */
  withdrawCode(device: string, actor: string): boolean {
    const { registry, codes } = this.#parts
    return registry.commit(() => {
      const withdrawn = codes.withdraw(device)
      if (withdrawn) this.#record(actor, 'enrolment-code.withdraw', device, true, {})
      return withdrawn
    })
  }

  /** Newest first; none of them can be used from this. */
  listCodes(): readonly KeptCode[] {
    return this.#parts.codes.list()
  }

  /** For whoever asks, as often as its address may. Null when it may not now. Throws `trust-unreadable`. */
  async anchors(remoteAddress: string): Promise<EnrolmentAnchors | null> {
    return this.#limits.mayTry(remoteAddress) ? readAnchors(this.#parts) : null
  }

  /** A box's first word: a code, its key, a certificate request. */
  async redeem(request: EnrolmentRequest, remoteAddress: string): Promise<EnrolmentOutcome> {
    if (!this.#limits.mayTry(remoteAddress)) return this.#tooMany(request, remoteAddress)
    const outcome = await this.#redeem(request)
    if (!outcome.ok) {
      if (outcome.reason.startsWith('code-')) this.#limits.guessed(remoteAddress)
      this.#noteRefusal('device.enrol', request, remoteAddress, outcome)
    }
    return outcome
  }

  /** A box's word that it is still there, with its present key. It may ask at any time. */
  async renew(request: RenewalRequest, remoteAddress: string): Promise<EnrolmentOutcome> {
    if (!this.#limits.mayTry(remoteAddress)) return this.#tooMany(request, remoteAddress)
    const outcome = await this.#renew(request)
    if (!outcome.ok) this.#noteRefusal('device.renew', request, remoteAddress, outcome)
    return outcome
  }

  async #redeem(request: EnrolmentRequest): Promise<EnrolmentOutcome> {
    const { registry, codes, authority, nowMs } = this.#parts
    const { site, device } = request
    const secretHash = sha256(fromHex(request.secret))
    const badCode = objectionToCode(codes.find(secretHash), registry.find(device), request, nowMs())
    if (badCode !== null && badCode.reason !== 'code-used') return badCode
    const csr = await checkRequest(request)
    if (!csr.ok) return badCode ?? csr
    const again = (refused: RefusedEnrolment) => this.#answerAgain(secretHash, request, csr.value) ?? refused
    if (badCode !== null) return registry.commit(() => again(badCode))
    const badKeys = objectionToKeys(registry, request, csr.value)
    if (badKeys !== null) return badKeys
    const certificate = await authority.issueClientCertificate({ site, device, csr: csr.value })
    // asked again where nobody can come between: this process or another may have been first
    return registry.commit((): EnrolmentOutcome => {
      const late =
        objectionToCode(codes.find(secretHash), registry.find(device), request, nowMs()) ??
        objectionToKeys(registry, request, csr.value)
      if (late !== null) return late.reason === 'code-used' ? again(late) : late
      if (!codes.use(secretHash, nowMs())) return refuseEnrolment('code-used')
      const before = registry.find(device)
      registry.enrol({ site, device, publicKey: fromHex(request.publicKey), certificate })
      this.#recordCertificate('device.enrol', request, certificate, before)
      return { ok: true, answer: this.#answer(certificate) }
    })
  }

  /** To the box that has used the code: an answer that was lost on the line does not cost it. Null to any other. */
  #answerAgain(secretHash: Uint8Array, request: EnrolmentRequest, csr: CertificateRequest): EnrolmentOutcome | null {
    const { registry, codes, nowMs } = this.#parts
    const given = givenFor(codes.find(secretHash), registry, request, csr, nowMs())
    return given === null ? null : { ok: true, answer: this.#answer({ ...given, certificatePem: given.pem }) }
  }

  async #renew(request: RenewalRequest): Promise<EnrolmentOutcome> {
    const { registry, authority, nowMs } = this.#parts
    const { site, device } = request
    const objection = objectionToRenewal(registry.find(device), request)
    if (objection !== null) return objection
    const csr = await checkRequest(request)
    if (!csr.ok) return csr
    const given = stillNew(registry.certificatesOf(device), csr.value, nowMs())
    if (given !== null) return { ok: true, answer: this.#answer({ ...given, certificatePem: given.pem }) }
    if (!this.#limits.mayCertify(device)) return refuseEnrolment('too-many-tries')
    const certificate = await authority.issueClientCertificate({ site, device, csr: csr.value })
    return registry.commit((): EnrolmentOutcome => {
      const late = objectionToRenewal(registry.find(device), request)
      if (late !== null) return late
      registry.certify(device, certificate)
      this.#recordCertificate('device.renew', request, certificate)
      return { ok: true, answer: this.#answer(certificate) }
    })
  }

  #answer({
    certificatePem,
    notAfterMs,
  }: Pick<IssuedClientCertificate, 'certificatePem' | 'notAfterMs'>): EnrolmentAnswer {
    const { certificatePem: ca } = this.#parts.authority
    return { certificate: certificatePem, ca, notAfter: Math.floor(notAfterMs / 1000) }
  }

  /** Says whose place it takes: a code for a box that is one of ours cuts that box off. */
  #recordCertificate(
    action: string,
    { site, device, publicKey }: RenewalRequest,
    { serial }: IssuedClientCertificate,
    before: EnrolledDevice | null = null,
  ) {
    const replaced =
      before === null || toHex(before.publicKey) === publicKey ? {} : { replaced: toHex(before.publicKey) }
    this.#record(`device:${device}`, action, device, true, { site, serial, publicKey, ...replaced })
  }

  #record(actor: string, action: string, subject: string, ok: boolean, detail: Record<string, string | number>): void {
    this.#parts.audit.append({ actor, action, subject, purpose: null, ok, detail })
  }

  #noteRefusal(
    action: string,
    { site, device }: RenewalRequest,
    remoteAddress: string,
    { reason, detail }: RefusedEnrolment,
  ): void {
    this.#parts.refusals.noteAt({ device, remoteAddress }, refuse(reason, detail))
    // whoever came only says that it is this device
    this.#record(`device:${device}`, action, device, false, { site, reason, remoteAddress })
  }

  /** Counted and not audited: a flood must not fill the log that nothing is ever deleted from. */
  #tooMany({ device }: RenewalRequest, remoteAddress: string): RefusedEnrolment {
    const refused = refuseEnrolment('too-many-tries')
    this.#parts.refusals.noteAt({ device, remoteAddress }, refuse(refused.reason, refused.detail))
    return refused
  }
}
