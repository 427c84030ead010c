import type { LineIdentity } from '../light-device.ts'
import type { Attack, AttackTarget } from './attack.ts'
import { connectPacket, RawLine } from './raw-line.ts'

const AT_ONCE = 8

/** One try of somebody who is not enrolled; true when the broker took them in. */
async function knock(target: AttackTarget, signal: AbortSignal, identity: LineIdentity | null): Promise<boolean> {
  const line = RawLine.tls(target, signal, identity)
  line.say(connectPacket(target.victim.device))
  const answer = await line.hear()
  await line.close()
  return answer?.cmd === 'connack' && answer.returnCode === 0
}

/** Without a certificate, with one of another CA, and with a stolen one under another's name, by turns. */
export const strangers: Attack = {
  name: 'strangers',
  zh: '无证书、伪造证书、冒用编号',
  en: 'no certificate, a forged one, another’s id',
  run: async (target, signal) => {
    const count = { tried: 0, succeeded: 0 }
    const identities = [null, target.forged, target.stolen.identity]
    await Promise.all(
      Array.from({ length: AT_ONCE }, async (_, place) => {
        for (let turn = place; !signal.aborted; turn++) {
          count.tried++
          if (await knock(target, signal, identities[turn % identities.length] ?? null)) count.succeeded++
        }
      }),
    )
    return count
  },
}
