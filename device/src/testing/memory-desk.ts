import { type EnrolmentAnchors, type EnrolmentRequest, EnvironmentError, type RenewalRequest } from '@ankang/protocol'
import type { DeskAnswer, EnrolmentDesk } from '../ports/enrolment-desk.ts'

export type DeskHeard =
  | { readonly kind: 'enrol'; readonly request: EnrolmentRequest }
  | { readonly kind: 'renew'; readonly request: RenewalRequest }

interface MemoryDeskOptions {
  readonly anchors: EnrolmentAnchors
  /** What the test, as the centre, answers. */
  readonly answer: (heard: DeskHeard) => Promise<DeskAnswer>
}

/** The desk's twin: the test is the centre, and whoever stands in between. */
export class MemoryDesk implements EnrolmentDesk {
  readonly url = 'https://desk.test:8443'
  readonly heard: DeskHeard[] = []
  isReachable = true
  anchorsShown: EnrolmentAnchors
  /** Whom the server proves itself by, PEM. */
  provenBy: string
  readonly #answer: MemoryDeskOptions['answer']

  constructor({ anchors, answer }: MemoryDeskOptions) {
    this.anchorsShown = anchors
    this.provenBy = anchors.ca
    this.#answer = answer
  }

  async anchors(): Promise<EnrolmentAnchors> {
    this.#insistOnLine()
    return this.anchorsShown
  }

  enrol(request: EnrolmentRequest, ca: string): Promise<DeskAnswer> {
    return this.#hear({ kind: 'enrol', request }, ca)
  }

  renew(request: RenewalRequest, ca: string): Promise<DeskAnswer> {
    return this.#hear({ kind: 'renew', request }, ca)
  }

  async #hear(heard: DeskHeard, ca: string): Promise<DeskAnswer> {
    this.#insistOnLine()
    if (ca.trim() !== this.provenBy.trim())
      throw new EnvironmentError('desk-stranger', 'the desk in memory is proven by another', { retryable: true })
    this.heard.push(heard)
    return this.#answer(heard)
  }

  #insistOnLine(): void {
    if (!this.isReachable)
      throw new EnvironmentError('desk-unreachable', 'the desk in memory was told not to answer', { retryable: true })
  }
}
