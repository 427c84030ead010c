import { UsageError } from '@ankang/protocol'
import type { AedesOptions, AuthenticateError, Client, ConnectPacket, PublishPacket } from 'aedes'
import { type Refusal, refuse } from '../refusals.ts'
import { mayHear, publishRefusal, subscribeRefusal, type WantedPublish } from './access-rules.ts'
import type { BrokerLimits } from './broker-limits.ts'
import { callerName } from './caller.ts'
import {
  type ConnectVerdict,
  type Identities,
  judgeConnect,
  RETURN_CODE,
  type ReturnCode,
  type WantedSession,
} from './connect-rules.ts'
import { GuardedConnection } from './guarded-connection.ts'
import type { Lines } from './lines.ts'

interface RuleParts {
  readonly limits: BrokerLimits
  readonly lines: Lines
  readonly identities: Identities
}

type Rules = Required<
  Pick<
    AedesOptions,
    'preConnect' | 'authenticate' | 'authorizePublish' | 'authorizeSubscribe' | 'authorizeForward' | 'published'
  >
>

/** Ends a line; the broker makes the return code of a CONNACK of it. */
class RefusedError extends UsageError {
  readonly returnCode: ReturnCode

  constructor({ reason, detail }: Refusal, returnCode: ReturnCode = RETURN_CODE.notAuthorized) {
    super(reason, detail)
    this.returnCode = returnCode
  }
}

/** The line a client of aedes is on; null where the broker speaks itself. */
export function lineOf(client: Client | null): GuardedConnection | null {
  return client?.conn instanceof GuardedConnection ? client.conn : null
}

function wantedPublish(packet: {
  readonly topic: string
  readonly payload: string | Buffer
  readonly qos?: number
  readonly retain?: boolean
}): WantedPublish {
  const { topic, payload, qos = 0, retain = false } = packet
  return { topic, payload: typeof payload === 'string' ? Buffer.from(payload) : payload, qos, retain }
}

function wantedSession({ clientId, clean, keepalive, username, password, will }: ConnectPacket): WantedSession {
  return {
    clientId,
    clean: clean ?? true,
    keepaliveSeconds: keepalive ?? 0,
    userName: username ?? null,
    password: password ?? null,
    will: will === undefined ? null : wantedPublish(will),
  }
}

const NOBODY = refuse('protocol-broken', 'nobody is known to be on this line')

/** The rules in the shape aedes asks for. A refused subscription is answered so; anything else refused ends the line. */
export function aedesRules({ limits, lines, identities }: RuleParts): Rules {
  const verdicts = new WeakMap<Client, ConnectVerdict>()
  let tools = 0

  const judge = (line: GuardedConnection, packet: ConnectPacket): ConnectVerdict => {
    const verdict = judgeConnect(wantedSession(packet), line.certificate, identities, limits)
    if (!verdict.ok) return verdict
    const refusal = lines.admit(line, verdict.caller)
    return refusal === null ? verdict : { ...refusal, returnCode: RETURN_CODE.notAuthorized }
  }

  return {
    preConnect: (client, packet, done) => {
      const line = lineOf(client)
      if (line !== null) {
        const verdict = judge(line, packet)
        verdicts.set(client, verdict)
        // no device id has a colon in it: whatever a tool calls itself, it takes over nobody's session
        if (verdict.ok && verdict.caller.kind === 'tool') packet.clientId = `${callerName(verdict.caller)}:${++tools}`
      }
      done(null, true)
    },

    authenticate: (client, _userName, _password, done) => {
      const verdict = verdicts.get(client) ?? { ...NOBODY, returnCode: RETURN_CODE.notAuthorized }
      if (verdict.ok) {
        done(null, true)
        return
      }
      lineOf(client)?.note(verdict)
      done(new RefusedError(verdict, verdict.returnCode) as AuthenticateError, false)
    },

    authorizePublish: (client, packet: PublishPacket, done) => {
      const line = lineOf(client)
      const caller = line?.caller ?? null
      const refusal = caller === null ? NOBODY : publishRefusal(caller, wantedPublish(packet), limits)
      if (refusal !== null) line?.note(refusal)
      done(refusal === null ? null : new RefusedError(refusal))
    },

    authorizeSubscribe: (client, subscription, done) => {
      const line = lineOf(client)
      const caller = line?.caller ?? null
      if (line === null || caller === null) {
        done(null, null)
        return
      }
      const { topic } = subscription
      const most = limits[caller.kind].subscriptions
      const refusal =
        subscribeRefusal(caller, topic) ??
        (line.filters.size >= most && !line.filters.has(topic)
          ? refuse('too-many-subscriptions', `expected at most ${most}`)
          : null)
      if (refusal === null) line.filters.add(topic)
      else line.remark(refusal)
      done(null, refusal === null ? subscription : null)
    },

    authorizeForward: (client, packet) => {
      const line = lineOf(client)
      const caller = line?.caller ?? null
      if (line === null || caller === null) return null
      if (!mayHear(caller, packet.topic)) {
        line.remark(refuse('forward-foreign', `not handed over, though subscribed to: ${packet.topic}`))
        return null
      }
      // what was retained is given as it is read; nobody waits for it
      if (line.isCongested && !packet.retain) {
        line.cut(refuse('slow-subscriber', `expected its reader to keep up; ${line.writableLength} bytes wait`))
        return null
      }
      return line.recent.isNew(packet.brokerCounter) ? packet : null
    },

    published: (_packet, client, done) => {
      lineOf(client)?.workedOff()
      done()
    },
  }
}
