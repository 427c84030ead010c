import { deviceFilter } from '@ankang/protocol'
import type { Attack } from './attack.ts'
import { RawLine } from './raw-line.ts'

/** An enrolled box that subscribes to its own topics for ever. */
export const subscribeFlood: Attack = {
  name: 'subscribe-flood',
  zh: '订阅洪泛',
  en: 'a flood of subscriptions',
  run: async (target, signal) => {
    let tried = 0
    const topics = [deviceFilter(target.stolen, 'receipts'), `ankang/v1/trust/common/t`]
    while (!signal.aborted) {
      const line = await RawLine.entered(target, signal)
      while (!signal.aborted && line.socket.writable) {
        tried++
        const topic = `${topics[1]}${tried}`
        line.say({ cmd: 'subscribe', messageId: 1 + (tried % 60_000), subscriptions: [{ topic, qos: 1 }] })
        if ((await line.hear()) === null) break
      }
      await line.close()
    }
    return { tried, succeeded: 0 }
  },
}
