/** Machine-readable context of an error; never a secret and never a person. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean | null>>

interface ErrorOptionsWithDetails {
  readonly cause?: unknown
  readonly details?: ErrorDetails
}

/**
 * Base of every fault this project raises. A refusal of a credential is a value, never one of these.
 * `code` is literal and stable; `message` says what was expected, what came, and what to do.
 */
export abstract class AnkangError extends Error {
  abstract readonly family: 'bug' | 'usage' | 'environment'
  readonly code: string
  readonly details: ErrorDetails

  constructor(code: string, message: string, options: ErrorOptionsWithDetails = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = new.target.name
    this.code = code
    this.details = options.details ?? {}
  }
}

/** Our own mistake: an invariant did not hold. */
export class BugError extends AnkangError {
  readonly family = 'bug'
}

/** The caller's mistake: a wrong argument, file or configuration. */
export class UsageError extends AnkangError {
  readonly family = 'usage'
}

/** The world's fault: disk, line, device or network. `retryable` says whether waiting can help. */
export class EnvironmentError extends AnkangError {
  readonly family = 'environment'
  readonly retryable: boolean

  constructor(code: string, message: string, options: ErrorOptionsWithDetails & { readonly retryable: boolean }) {
    super(code, message, options)
    this.retryable = options.retryable
  }
}

/** The text of anything thrown, with its causes, for one line of a log. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause === undefined ? '' : ` (because: ${describeError(error.cause)})`
  return `${error.message}${cause}`
}
