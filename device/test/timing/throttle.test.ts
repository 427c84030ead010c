import { expect, it } from 'vitest'
import { Throttle } from '../../src/timing/throttle.ts'

it('a throttle lets one of a kind through in a while, and the next one says how many it stands for', () => {
  const throttle = new Throttle(1000)
  const admitted = [0, 1, 999, 1000, 1500, 2000].map(nowMs => throttle.admit('a', nowMs))
  expect(admitted).toEqual([1, null, null, 3, null, 2])
  expect(throttle.admit('b', 1)).toBe(1)
})
