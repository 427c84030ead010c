import { expect, it } from 'vitest'
import type { Letter, Postman } from '../../src/broker/postman.ts'

/** Gathers letters and resolves when there are as many as asked for. */
function letterbox() {
  const letters: Letter[] = []
  const waiting: { readonly count: number; readonly resolve: () => void }[] = []
  return {
    letters,
    handler: async (letter: Letter): Promise<void> => {
      letters.push(letter)
      for (const { count, resolve } of waiting) if (letters.length >= count) resolve()
    },
    arrived: (count: number): Promise<void> =>
      new Promise(resolve => {
        if (letters.length >= count) resolve()
        else waiting.push({ count, resolve })
      }),
  }
}

const ONCE = { qos: 1, retain: false } as const

/** What every postman must do. */
export function postmanContract(make: () => Promise<Postman>): void {
  it('hands a letter to everyone whose filter fits, byte for byte', async () => {
    const postman = await make()
    const [exact, wild, all, other] = [letterbox(), letterbox(), letterbox(), letterbox()]
    await postman.subscribe('a/b/c', exact.handler)
    await postman.subscribe('a/+/c', wild.handler)
    await postman.subscribe('a/#', all.handler)
    await postman.subscribe('a/+', other.handler)
    const payload = Uint8Array.from({ length: 256 }, (_, byte) => byte)
    await postman.publish('a/b/c', payload, ONCE)
    for (const box of [exact, wild, all]) {
      await box.arrived(1)
      expect(box.letters.map(({ topic }) => topic)).toEqual(['a/b/c'])
      expect([...(box.letters[0]?.payload ?? [])]).toEqual([...payload])
    }
    expect(other.letters).toEqual([])
  })

  it('keeps the order of one topic', async () => {
    const postman = await make()
    const box = letterbox()
    await postman.subscribe('a/b', box.handler)
    for (let byte = 0; byte < 50; byte++) await postman.publish('a/b', Uint8Array.of(byte), ONCE)
    await box.arrived(50)
    expect(box.letters.map(({ payload }) => payload[0])).toEqual(Array.from({ length: 50 }, (_, byte) => byte))
  })

  it('lets a handler publish before it is done', async () => {
    const postman = await make()
    const answers = letterbox()
    await postman.subscribe('answers', answers.handler)
    await postman.subscribe('questions', async ({ payload }) => postman.publish('answers', payload, ONCE))
    await postman.publish('questions', Uint8Array.of(7), ONCE)
    await answers.arrived(1)
    expect([...(answers.letters[0]?.payload ?? [])]).toEqual([7])
  })
}
