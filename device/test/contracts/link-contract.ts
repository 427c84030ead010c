import { type DeviceChannel, utf8 } from '@ankang/protocol'
import { describe, expect, it } from 'vitest'
import type { Link, LinkEvents } from '../../src/ports/link.ts'

/** A link and the world at its other end. */
export interface LinkBench {
  readonly link: Link
  /** The broker can be reached. */
  up(): Promise<void>
  /** The line is cut. */
  down(): Promise<void>
  /** The centre says something to this device. */
  deliver(channel: DeviceChannel, payload: Uint8Array): Promise<void>
  /** Resolves with what arrived at the other end on `channel`, once it is `count` messages. */
  arrived(channel: DeviceChannel, count: number): Promise<readonly Uint8Array[]>
}

interface Heard {
  readonly events: LinkEvents
  readonly words: string[]
  /** Resolves once `word` was heard `times` times. */
  until(word: string, times?: number): Promise<void>
}

function listener(): Heard {
  const words: string[] = []
  let wake = (): void => undefined
  const hear = (word: string) => {
    words.push(word)
    wake()
  }
  return {
    words,
    events: {
      onUp: () => hear('up'),
      onDown: () => hear('down'),
      onMessage: (channel, payload) => hear(`${channel}: ${Buffer.from(payload).toString()}`),
    },
    until: async (word, times = 1) => {
      while (words.filter(heard => heard === word).length < times)
        await new Promise<void>(resolve => {
          wake = resolve
        })
    },
  }
}

/** What every link promises. `make` gives one that is not open yet, the broker away, and registers its own clean-up. */
export function linkContract(name: string, make: () => Promise<LinkBench>): void {
  describe(`${name} keeps the link contract`, () => {
    it('refuses to carry while there is no connection, and says that waiting helps', async () => {
      const { link } = await make()
      link.open(listener().events)
      await expect(link.publish('records', utf8('x'))).rejects.toMatchObject({ code: 'link-down', retryable: true })
    })

    it('says when it is up, carries what it is given, and delivers what comes', async () => {
      const { link, up, deliver, arrived } = await make()
      const heard = listener()
      await up()
      link.open(heard.events)
      await heard.until('up')
      await link.publish('records', utf8('one'), { qos: 1 })
      await link.publish('state', utf8('ready'), { qos: 1, retain: true })
      expect((await arrived('records', 1)).map(bytes => Buffer.from(bytes).toString())).toEqual(['one'])
      await deliver('receipts', utf8('two'))
      await heard.until('receipts: two')
      expect(heard.words).toEqual(['up', 'receipts: two'])
    })

    it('carries the result of an order under its id, and nothing else', async () => {
      const { link, up, arrived } = await make()
      const heard = listener()
      await up()
      link.open(heard.events)
      await heard.until('up')
      await link.publish('results', utf8('done'), { qos: 1, orderId: 'order-1' })
      await expect(link.publish('results', utf8('done'))).rejects.toMatchObject({ code: 'order-id-misplaced' })
      await expect(link.publish('records', utf8('x'), { orderId: 'order-1' })).rejects.toMatchObject({
        code: 'order-id-misplaced',
      })
      expect((await arrived('results', 1)).map(bytes => Buffer.from(bytes).toString())).toEqual(['done'])
    })

    it('says when it is down, and comes back by itself', async () => {
      const { link, up, down, deliver } = await make()
      const heard = listener()
      await up()
      link.open(heard.events)
      await heard.until('up')
      await down()
      await heard.until('down')
      await expect(link.publish('records', utf8('x'))).rejects.toMatchObject({ code: 'link-down' })
      await up()
      await heard.until('up', 2)
      await deliver('receipts', utf8('again'))
      await heard.until('receipts: again')
      expect(heard.words).toEqual(['up', 'down', 'up', 'receipts: again'])
    })

    it('says nothing more once it is closed, and may be closed twice', async () => {
      const { link, up, down } = await make()
      const heard = listener()
      await up()
      link.open(heard.events)
      await heard.until('up')
      await link.close()
      await link.close()
      await down()
      await expect(link.publish('records', utf8('x'))).rejects.toMatchObject({ code: 'link-down' })
      expect(heard.words).toEqual(['up'])
    })
  })
}
