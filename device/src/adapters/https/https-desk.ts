import {
  ENROLMENT_REFUSALS,
  type EnrolmentAnchors,
  type EnrolmentRefusal,
  type EnrolmentRequest,
  EnvironmentError,
  enrolmentAnchors,
  enrolmentAnswer,
  parseJson,
  parseWith,
  type RenewalRequest,
} from '@ankang/protocol'
import * as v from 'valibot'
import type { DeskAnswer, EnrolmentDesk } from '../../ports/enrolment-desk.ts'
import { exchange, type HttpAnswer } from './https-exchange.ts'

/** What an unproven, or broken, other side may cost. */
export interface DeskLimits {
  /** A trust file of 16 MiB, in JSON. */
  readonly anchorsBytes: number
  readonly answerBytes: number
  readonly deadlineMs: number
}

export const DESK_LIMITS: DeskLimits = {
  anchorsBytes: 20 * 1024 * 1024,
  answerBytes: 64 * 1024,
  deadlineMs: 30_000,
}

const REFUSAL = v.object({ error: v.string() })

/** The centre's desk over HTTPS. Source: protocol's enrolment-messages. */
export class HttpsDesk implements EnrolmentDesk {
  readonly url: string
  readonly #limits: DeskLimits

  constructor(url: string, limits: DeskLimits = DESK_LIMITS) {
    this.url = url
    this.#limits = limits
  }

  async anchors(): Promise<EnrolmentAnchors> {
    const { anchorsBytes, deadlineMs } = this.#limits
    const url = new URL('/enrolment/anchors', this.url)
    const answer = await exchange({ method: 'GET', url, ca: null, maxBytes: anchorsBytes, deadlineMs })
    if (answer.status === 429)
      throw new EnvironmentError('too-many-tries', `${url.host} asks for patience; try again in ten minutes`, {
        retryable: true,
      })
    return believed(enrolmentAnchors, answer, url)
  }

  enrol(request: EnrolmentRequest, ca: string): Promise<DeskAnswer> {
    return this.#ask('/enrolment', request, ca)
  }

  renew(request: RenewalRequest, ca: string): Promise<DeskAnswer> {
    return this.#ask('/enrolment/renewal', request, ca)
  }

  async #ask(path: string, json: RenewalRequest, ca: string): Promise<DeskAnswer> {
    const { answerBytes, deadlineMs } = this.#limits
    const url = new URL(path, this.url)
    const answer = await exchange({ method: 'POST', url, json, ca, maxBytes: answerBytes, deadlineMs })
    const refusal = refusalIn(answer)
    return refusal === null ? { ok: true, answer: believed(enrolmentAnswer, answer, url) } : { ok: false, refusal }
  }
}

function refusalIn({ status, text }: HttpAnswer): EnrolmentRefusal | null {
  if (status < 400 || status >= 500) return null
  // A limit before the desk itself has words of its own.
  return codeIn(text) ?? (status === 429 ? 'too-many-tries' : null)
}

function codeIn(text: string): EnrolmentRefusal | null {
  try {
    const read = v.safeParse(REFUSAL, JSON.parse(text))
    return ENROLMENT_REFUSALS.find(code => read.success && code === read.output.error) ?? null
  } catch {
    return null // no JSON: whoever reads the status knows what to do
  }
}

function believed<S extends v.GenericSchema>(schema: S, { status, text }: HttpAnswer, url: URL): v.InferOutput<S> {
  const context = { code: 'desk-answer-invalid', source: url.href }
  try {
    if (status === 200) return parseWith(schema, parseJson(text, context), context)
  } catch (error) {
    const message = `${url.href}: expected the desk's JSON; check that this is the controller's address`
    throw new EnvironmentError('desk-answer-invalid', message, { cause: error, retryable: true })
  }
  throw new EnvironmentError(
    'desk-answer-invalid',
    `${url.href}: expected status 200, got ${status}; check that this is the controller's address, and its log`,
    { retryable: true, details: { status } },
  )
}
