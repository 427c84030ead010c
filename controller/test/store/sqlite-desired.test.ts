import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import type { DesiredState } from '../../src/orders/order-book.ts'
import { SqliteDesired } from '../../src/store/sqlite-desired.ts'
import { openStore } from '../../src/store/store.ts'
import { tempFolder } from '../fixtures/temp-folder.ts'

function desiredBook(): SqliteDesired {
  const store = openStore(join(tempFolder(), 'store.sqlite'), { random: randomBytes })
  onTestFinished(() => store.close())
  return new SqliteDesired(store)
}

function state(version: number): DesiredState {
  return { device: 'door-1', version, config: {}, cose: new Uint8Array([version]), setMs: 1, setBy: 'wang' }
}

it('knows the version it keeps, the one before when a commit fails, and none of a device it never heard of', () => {
  const book = desiredBook()
  expect(book.versionOf('door-1')).toBe(0)
  book.commit(() => book.keep(state(1)))
  expect(book.versionOf('door-1')).toBe(1)
  const failing = () =>
    book.commit(() => {
      book.keep(state(2))
      throw new RangeError('the disk is full')
    })
  expect(failing).toThrow(RangeError)
  expect(book.versionOf('door-1')).toBe(1)
  book.commit(() => book.keep(state(2)))
  expect(book.versionOf('door-1')).toBe(2)
  expect(book.versionOf('constructor')).toBe(0)
})
