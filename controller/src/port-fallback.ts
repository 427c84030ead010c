import { EnvironmentError } from '@ankang/protocol'

/** How many ports above the wanted one are tried. */
const MAX_TRIES = 50

export interface ListenAddress {
  readonly host: string
  /** 0 lets the system choose. */
  readonly port: number
  /** Port taken: go on to the next free one. */
  readonly fallback: boolean
}

/**
 * Calls `listen` with the wanted port, then with the ones above it while they are taken and `fallback` allows.
 * Throws `port-taken` or `listen-failed`. `what` names the service in the message.
 */
export async function listenOnFreePort<T>(
  what: string,
  { host, port, fallback }: ListenAddress,
  listen: (port: number) => Promise<T>,
): Promise<T> {
  for (let candidate = port; ; candidate++) {
    try {
      return await listen(candidate)
    } catch (error) {
      const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
      if (taken && fallback && candidate - port < MAX_TRIES && candidate < 65_535) continue
      if (taken) {
        throw new EnvironmentError(
          'port-taken',
          `${what}: ${host}:${candidate} is in use; choose another port or set "fallback": true`,
          { cause: error, retryable: true, details: { host, port: candidate } },
        )
      }
      throw new EnvironmentError(
        'listen-failed',
        `${what}: cannot listen on ${host}:${candidate}; check host and port`,
        {
          cause: error,
          retryable: false,
          details: { host, port: candidate },
        },
      )
    }
  }
}
