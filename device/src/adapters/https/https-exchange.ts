import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import type { TLSSocket } from 'node:tls'
import { EnvironmentError } from '@ankang/protocol'

interface Exchange {
  readonly method: 'GET' | 'POST'
  readonly url: URL
  readonly json?: unknown
  /** PEM: the one authority that may vouch for the other side. Null believes anybody, so that nothing may be told. */
  readonly ca: string | null
  readonly maxBytes: number
  /** For all of it, from the look-up of the name to the answer's last byte. */
  readonly deadlineMs: number
}

export interface HttpAnswer {
  readonly status: number
  readonly text: string
}

function invalid(url: URL, text: string): EnvironmentError {
  return new EnvironmentError('desk-answer-invalid', `${url.href}: ${text}`, { retryable: true })
}

/** One request on a connection of its own: no session and no verdict of an earlier one is taken over. */
export function exchange({ method, url, json, ca, maxBytes, deadlineMs }: Exchange): Promise<HttpAnswer> {
  const body = json === undefined ? null : Buffer.from(JSON.stringify(json))
  return new Promise((resolve, reject) => {
    const asked = request(url, {
      method,
      agent: false,
      minVersion: 'TLSv1.2',
      signal: AbortSignal.timeout(deadlineMs),
      ...(ca === null ? { rejectUnauthorized: false } : { rejectUnauthorized: true, ca: [ca] }),
      headers: {
        accept: 'application/json',
        ...(body === null ? {} : { 'content-type': 'application/json', 'content-length': body.length }),
      },
    })
    asked.on('response', answer => gather(answer, url, maxBytes).then(resolve, fail))
    asked.on('error', fail)
    asked.end(body ?? undefined)

    function fail(error: unknown): void {
      asked.destroy()
      reject(
        error instanceof EnvironmentError
          ? error
          : lineFault(error, url, ca === null ? null : (asked.socket as TLSSocket | null)),
      )
    }
  })
}

function lineFault(error: unknown, url: URL, socket: TLSSocket | null): EnvironmentError {
  const doubt = socket?.authorizationError
  if (doubt !== undefined && doubt !== null)
    return new EnvironmentError(
      'desk-stranger',
      `${url.host} did not prove to be the county's centre (${doubt}); nothing was said to it. Check the address, and this box's clock`,
      { cause: error, retryable: true },
    )
  return new EnvironmentError('desk-unreachable', `no answer from ${url.host}; check the address and the cable`, {
    cause: error,
    retryable: true,
  })
}

async function gather(answer: IncomingMessage, url: URL, maxBytes: number): Promise<HttpAnswer> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of answer) {
    bytes += part.length
    if (bytes > maxBytes) throw invalid(url, `expected at most ${maxBytes} bytes, and there are more`)
    parts.push(part)
  }
  return { status: answer.statusCode ?? 0, text: Buffer.concat(parts).toString('utf8') }
}
