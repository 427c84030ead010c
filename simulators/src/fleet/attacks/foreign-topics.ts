import { deviceTopic } from '@ankang/protocol'
import type { Attack, AttackTarget } from './attack.ts'
import { connectPacket, RawLine } from './raw-line.ts'

const AT_ONCE = 8

/** What a box in wrong hands might try; the last of each says what the broker must never let through. */
function tries({ victim }: AttackTarget): readonly object[] {
  const payload = Buffer.from('{"state":"lost"}')
  const will = { topic: deviceTopic(victim, 'state'), payload, qos: 1, retain: true }
  const publish = (topic: string) => ({
    cmd: 'publish',
    topic,
    payload,
    qos: 1,
    messageId: 7,
    retain: true,
    dup: false,
  })
  const subscribe = (topic: string) => ({ cmd: 'subscribe', messageId: 8, subscriptions: [{ topic, qos: 1 }] })
  return [
    { will },
    publish(deviceTopic(victim, 'state')),
    publish(deviceTopic(victim, 'desired')),
    publish(deviceTopic(victim, 'commands', 'an-order')),
    publish('$SYS/broker/uptime'),
    subscribe('#'),
    subscribe(deviceTopic(victim, 'receipts')),
    subscribe('ankang/v1/+/+/records'),
    subscribe('$SYS/#'),
  ]
}

/** True when the broker did as it was told. */
async function attempt(target: AttackTarget, signal: AbortSignal, what: object): Promise<boolean> {
  const line = RawLine.tls(target, signal, target.stolen.identity)
  line.say(connectPacket(target.stolen.device, 'will' in what ? what : {}))
  const welcome = await line.hear()
  const isIn = welcome?.cmd === 'connack' && welcome.returnCode === 0
  if ('will' in what || !isIn) {
    await line.close()
    return 'will' in what && isIn
  }
  line.say(what as Parameters<RawLine['say']>[0])
  const answer = await line.hear()
  await line.close()
  if (answer?.cmd === 'puback') return true
  return answer?.cmd === 'suback' && answer.granted.some(granted => granted !== 128)
}

/** An enrolled box on topics that are not its own: publishing, retained, as a will, subscribing, by wildcard. */
export const foreignTopics: Attack = {
  name: 'foreign-topics',
  zh: '越权主题',
  en: 'topics of others',
  run: async (target, signal) => {
    const count = { tried: 0, succeeded: 0 }
    const all = tries(target)
    let turn = 0
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        while (!signal.aborted) {
          count.tried++
          if (await attempt(target, signal, all[turn++ % all.length] ?? {})) count.succeeded++
        }
      }),
    )
    return count
  },
}
