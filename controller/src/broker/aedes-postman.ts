import { describeError, EnvironmentError } from '@ankang/protocol'
import type { Aedes } from 'aedes'
import type { Log } from '../log.ts'
import type { Postman } from './postman.ts'

/**
 * The postman of the embedded broker. Its delivery callback is held until the handler is done, so that a client whose
 * letters are not yet worked off is not read any further.
 */
export function aedesPostman(broker: Aedes, log: Log): Postman {
  return {
    publish: (topic, payload, { qos, retain }) =>
      new Promise((resolve, reject) => {
        const packet = { cmd: 'publish', topic, payload: Buffer.from(payload), qos, retain, dup: false } as const
        broker.publish(packet, error => {
          if (!error) {
            resolve()
            return
          }
          const text = `cannot publish on ${topic}; the broker is closing or the topic is refused`
          reject(new EnvironmentError('publish-failed', text, { cause: error, retryable: true, details: { topic } }))
        })
      }),
    subscribe: (filter, handler) =>
      new Promise(resolve => {
        broker.subscribe(
          filter,
          ({ topic, payload }, done) => {
            handler({ topic, payload: typeof payload === 'string' ? Buffer.from(payload) : payload })
              .catch(error => log.error({ topic, detail: describeError(error) }, 'a handler of messages failed'))
              .finally(done)
          },
          resolve,
        )
      }),
  }
}
