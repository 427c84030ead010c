import { type AnkangError, describeError } from '@ankang/protocol'
import type { DeviceLog } from '../device-parts.ts'
import type { CertificateFacts } from '../ports/certificates.ts'
import type { Clock } from '../ports/clock.ts'
import type { CancelTimer, Timers } from '../timing/timers.ts'
import type { EnrolmentEnd } from './enrol.ts'
import { ENROLMENT_WORDS, failureOf } from './enrolment-words.ts'

/** The first look comes within so long of the start, and not with that of every box after a power cut. */
const FIRST_LOOK_MS = 10_000
const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000
/** With less than this left somebody has to come, and is told so. */
const ALARM_MS = 14 * DAY_MS
/** Renewed when this share of its life is left. */
const RENEWAL_SHARE = 1 / 3
/** Even a certificate of minutes is looked at so often in its life. */
const LOOKS_IN_A_LIFE = 10

interface CertificateRenewalParts {
  /** The certificate on the disk; null where there is none. */
  readonly current: () => Promise<CertificateFacts | null>
  /** Rejects as `renew` does. */
  readonly renew: () => Promise<EnrolmentEnd>
  /** Makes the line's next connection now. */
  readonly reconnect: () => void
  readonly clock: Clock
  readonly timers: Timers
  /** Uniform in [0, 1): boxes that were put up on one day do not come on one day. */
  readonly random: () => number
  readonly log: DeviceLog
  readonly onAlarm: (detail: string) => void
}

/**
 * Keeps a box's certificate alive: looks at it soon after the start and then daily, and asks for the next one in the last third
 * of its life. The line shows the new one at its next connection, which is made before the old one ends. A clock that is
 * wrong asks too early or too late; the centre's clock decides.
 */
export class CertificateRenewal {
  readonly #parts: CertificateRenewalParts
  #next: CancelTimer | null = null
  #isStopped = false
  /** When the certificate ends that the line may still be showing; null: it shows the newest. */
  #supersededUntilMs: number | null = null

  constructor(parts: CertificateRenewalParts) {
    this.#parts = parts
  }

  start(): void {
    this.#lookIn(this.#parts.random() * FIRST_LOOK_MS)
  }

  /** A renewal under way is not waited for: its certificate is kept whole or not at all, and another can be had. */
  stop(): void {
    this.#isStopped = true
    this.#next?.()
  }

  #lookIn(delayMs: number): void {
    if (this.#isStopped) return
    this.#next = this.#parts.timers.after(delayMs, () => void this.#look().then(nextMs => this.#lookIn(nextMs)))
  }

  /** Never rejects. Resolves with how long to wait before the next look. */
  async #look(): Promise<number> {
    const { current, clock, random } = this.#parts
    const spread = 0.5 + random()
    try {
      const certificate = await current()
      if (certificate === null) return this.#failed('there is none any more; enrol the box again', null, spread)
      const { notBeforeMs, notAfterMs } = certificate
      const lifeMs = notAfterMs - notBeforeMs
      const usualMs = Math.min(DAY_MS, lifeMs / LOOKS_IN_A_LIFE) * spread
      this.#showNewest(usualMs)
      const leftMs = notAfterMs - clock.nowMs()
      if (leftMs >= lifeMs * RENEWAL_SHARE) return usualMs
      return (await this.#renew(certificate, leftMs)) ? usualMs : Math.min(HOUR_MS * spread, usualMs)
    } catch (error) {
      return this.#failed(describeError(error), null, spread)
    }
  }

  /** The line's present connection must not outlive its certificate: a broker may cut it at any moment then. */
  #showNewest(untilNextLookMs: number): void {
    if (this.#supersededUntilMs === null) return
    if (this.#parts.clock.nowMs() + untilNextLookMs < this.#supersededUntilMs) return
    this.#supersededUntilMs = null
    this.#parts.reconnect()
  }

  async #renew(certificate: CertificateFacts, leftMs: number): Promise<boolean> {
    const { renew, log } = this.#parts
    const detail = await renew().then(
      end => (end.ok ? null : `${end.refusal}: ${ENROLMENT_WORDS[end.refusal].en}`),
      error => `${failureOf(error) ?? (error as AnkangError).code ?? 'fault'}: ${describeError(error)}`,
    )
    if (detail !== null) {
      this.#failed(detail, leftMs, 1)
      return false
    }
    log.info({ event: 'certificate-renewed' }, '证书已更新 certificate renewed')
    this.#supersededUntilMs = certificate.notAfterMs
    if (leftMs <= 0) this.#showNewest(0)
    return true
  }

  /** `leftMs` is null where nobody knows. Returns when to try again. */
  #failed(detail: string, leftMs: number | null, spread: number): number {
    const { log, onAlarm } = this.#parts
    const daysLeft = leftMs === null ? null : Math.max(0, Math.floor(leftMs / DAY_MS))
    log.warn({ event: 'certificate-not-renewed', daysLeft, detail }, '证书未能更新 certificate not renewed')
    if (leftMs === null || leftMs < ALARM_MS)
      onAlarm(`the line's certificate, ${daysLeft ?? '?'} days left, is not renewed: ${detail}`)
    return HOUR_MS * spread
  }
}
