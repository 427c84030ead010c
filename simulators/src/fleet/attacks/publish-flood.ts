import { randomBytes } from 'node:crypto'
import { deviceTopic } from '@ankang/protocol'
import { generate } from 'mqtt-packet'
import type { Attack } from './attack.ts'
import { RawLine } from './raw-line.ts'

const PAYLOAD_BYTES = 16 * 1024

/** An enrolled box that says as much as its line carries: batches that prove nothing, without a pause. */
export const publishFlood: Attack = {
  name: 'publish-flood',
  zh: '已入网设备洪泛',
  en: 'a flood from an enrolled box',
  run: async (target, signal) => {
    let tried = 0
    const topic = deviceTopic(target.stolen, 'records')
    const packet = generate({
      cmd: 'publish',
      topic,
      payload: randomBytes(PAYLOAD_BYTES),
      qos: 1,
      messageId: 9,
      retain: false,
      dup: false,
    })
    while (!signal.aborted) {
      const line = await RawLine.entered(target, signal)
      const pump = (): void => {
        do {
          tried++
        } while (line.socket.writable && line.socket.write(packet))
      }
      line.socket.on('drain', pump)
      pump()
      await line.ended
    }
    return { tried, succeeded: 0 }
  },
}
