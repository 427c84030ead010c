import type { Attack } from './attack.ts'
import { RawLine } from './raw-line.ts'

const AT_ONCE = 1000

/** A thousand lines at once, each with a TLS handshake begun; whoever is turned away comes again. */
export const connectionStorm: Attack = {
  name: 'connection-storm',
  zh: '千个连接',
  en: 'a thousand connections',
  run: async (target, signal) => {
    let tried = 0
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        while (!signal.aborted) {
          tried++
          await RawLine.tls(target, signal, null).ended
        }
      }),
    )
    return { tried, succeeded: 0 }
  },
}
