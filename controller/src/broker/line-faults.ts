import { describeError } from '@ankang/protocol'
import { type Refusal, refuse } from '../refusals.ts'

/* How aedes words the ends that are nobody's fault, and the one that has a name of its own. */
const ENDED = /^(?:connection closed|keep alive timeout|drain timeout)$/
const NO_CONNECT = 'connect did not arrive in time'

/** What a client's fault is called; null where its line just broke. */
export function faultOf(error: Error & { readonly code?: unknown }): Refusal | null {
  if (error.message === NO_CONNECT) return refuse('connect-slow', error.message)
  if (ENDED.test(error.message)) return null
  if (typeof error.code === 'string' && !error.code.startsWith('ERR_SSL')) return null
  return refuse('protocol-broken', describeError(error))
}
