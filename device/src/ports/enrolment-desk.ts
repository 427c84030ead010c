import type {
  EnrolmentAnchors,
  EnrolmentAnswer,
  EnrolmentRefusal,
  EnrolmentRequest,
  RenewalRequest,
} from '@ankang/protocol'

/** What comes of a request: a certificate, or why there is none. */
export type DeskAnswer =
  | { readonly ok: true; readonly answer: EnrolmentAnswer }
  | { readonly ok: false; readonly refusal: EnrolmentRefusal }

/**
 * Where the centre enrols boxes and renews their certificates.
 *
 * Contract: `anchors` believes whoever answers: what it gives is nobody's word until a pin fits it; it rejects with
 * `too-many-tries` where somebody at this address has asked too often. `enrol` and `renew` say
 * nothing before the other side has proved itself by `ca` (PEM) and by the name or address it is called by; where it does
 * not they reject with `desk-stranger`. All reject with an EnvironmentError: `desk-unreachable` (retryable) where nobody
 * answers in time, `desk-answer-invalid` where the answer is no such answer or too long. Each call ends, in bounded time and
 * memory, whatever the other side does. A request whose answer was lost may have been carried out.
 */
export interface EnrolmentDesk {
  /** `https://host:port`. */
  readonly url: string
  anchors(): Promise<EnrolmentAnchors>
  enrol(request: EnrolmentRequest, ca: string): Promise<DeskAnswer>
  renew(request: RenewalRequest, ca: string): Promise<DeskAnswer>
}
