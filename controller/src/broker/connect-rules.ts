import type { Gate, TokenGate } from '../identity/registry.ts'
import { type Refusal, refuse } from '../refusals.ts'
import { type WantedPublish, willRefusal } from './access-rules.ts'
import type { BrokerLimits } from './broker-limits.ts'
import { type Caller, deviceCaller, toolCaller } from './caller.ts'
import type { ProvenCertificate } from './client-certificate.ts'

/** What a CONNECT says. */
export interface WantedSession {
  readonly clientId: string
  readonly clean: boolean
  readonly keepaliveSeconds: number
  readonly userName: string | null
  readonly password: Uint8Array | null
  readonly will: WantedPublish | null
}

export interface Identities {
  readonly gate: Gate
  readonly tokens: TokenGate
}

/** Source: MQTT 3.1.1 §3.2.2.3. */
export const RETURN_CODE = { identifierRejected: 2, badUserNameOrPassword: 4, notAuthorized: 5 } as const
export type ReturnCode = (typeof RETURN_CODE)[keyof typeof RETURN_CODE]

export type ConnectVerdict =
  | { readonly ok: true; readonly caller: Caller }
  | (Refusal & { readonly returnCode: ReturnCode })

/** A token given where its name belongs must not get into the log: all of a name's signs are in no token. */
function nameForLog(userName: string): string {
  return /^[a-z0-9-]{1,40}$/.test(userName) ? userName : 'a text that is no name of one'
}

function turnAway(refusal: Refusal, returnCode: ReturnCode = RETURN_CODE.notAuthorized): ConnectVerdict {
  return { ...refusal, returnCode }
}

function identify(
  { clientId, userName, password }: WantedSession,
  certificate: ProvenCertificate | null,
  { gate, tokens }: Identities,
): ConnectVerdict {
  if (certificate !== null) {
    const verdict = gate.admit(certificate.fingerprint)
    if (!verdict.ok) return turnAway(refuse(verdict.reason, 'its chain is good; the list of the enrolled says no'))
    const { site, device } = verdict.device
    if (clientId !== device) {
      const text = `expected the client id ${device} of its certificate, got ${JSON.stringify(clientId)}`
      return turnAway(refuse('client-id-foreign', text), RETURN_CODE.identifierRejected)
    }
    return { ok: true, caller: deviceCaller({ site, device }, certificate) }
  }
  if (userName === null)
    return turnAway(refuse('certificate-missing', 'expected a client certificate, or the name and token of a tool'))
  const token = Buffer.from(password ?? []).toString('utf8')
  const name = tokens.admitToken(userName, token)
  if (name === null)
    return turnAway(refuse('token-bad', `no such token: ${nameForLog(userName)}`), RETURN_CODE.badUserNameOrPassword)
  return { ok: true, caller: toolCaller(name, () => tokens.admitToken(userName, token) === name) }
}

/** Who this is and whether it may stay. A tool's client id is not looked at: it gets one of the broker's. */
export function judgeConnect(
  wanted: WantedSession,
  certificate: ProvenCertificate | null,
  identities: Identities,
  limits: BrokerLimits,
): ConnectVerdict {
  const verdict = identify(wanted, certificate, identities)
  if (!verdict.ok) return verdict
  const { caller } = verdict
  if (wanted.keepaliveSeconds < 1 || wanted.keepaliveSeconds > limits.keepaliveSeconds)
    return turnAway(
      refuse(
        'keepalive-too-long',
        `expected a keep-alive of 1 to ${limits.keepaliveSeconds} s, got ${wanted.keepaliveSeconds}`,
      ),
    )
  if (caller.kind === 'tool' && !wanted.clean)
    return turnAway(refuse('session-forbidden', 'expected a clean session: only devices find letters kept for them'))
  const refusal = wanted.will === null ? null : willRefusal(caller, wanted.will, limits)
  return refusal === null ? verdict : turnAway(refusal)
}
