import fc from 'fast-check'
import { expect, it } from 'vitest'
import { WaitingRoom } from '../../src/broker/waiting-room.ts'

it('serves addresses by turns and each in its order', () => {
  const room = new WaitingRoom<string>()
  for (const item of ['a1', 'a2', 'a3']) room.add('a', item)
  room.add('b', 'b1')
  room.add('c', 'c1')
  expect(Array.from({ length: 6 }, () => room.take())).toEqual(['a1', 'b1', 'c1', 'a2', 'a3', null])
})

it('lets a newcomer wait for no more turns than there are addresses, whatever a crowd does', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(300), { minLength: 1, maxLength: 10 }), fc.nat(50), (crowds, taken) => {
      const room = new WaitingRoom<string>()
      crowds.forEach((size, address) => {
        for (let turn = 0; turn < size; turn++) room.add(`crowd ${address}`, 'crowd')
      })
      for (let turn = 0; turn < taken; turn++) room.take()
      room.add('elsewhere', 'newcomer')
      const served = Array.from({ length: crowds.length + 1 }, () => room.take())
      expect(served).toContain('newcomer')
    }),
  )
})

it('holds exactly those who were added and neither taken nor removed', () => {
  const actions = fc.array(
    fc.oneof(
      fc.record({ kind: fc.constant('add' as const), address: fc.nat(3), item: fc.nat(1000) }),
      fc.record({ kind: fc.constant('take' as const) }),
      fc.record({ kind: fc.constant('remove' as const), address: fc.nat(3), item: fc.nat(1000) }),
    ),
  )
  fc.assert(
    fc.property(actions, actions => {
      const room = new WaitingRoom<number>()
      const model: { address: number; item: number }[] = []
      for (const action of actions) {
        if (action.kind === 'add') {
          room.add(`${action.address}`, action.item)
          model.push(action)
        } else if (action.kind === 'remove') {
          const place = model.findIndex(({ address, item }) => address === action.address && item === action.item)
          expect(room.remove(`${action.address}`, action.item)).toBe(place >= 0)
          if (place >= 0) model.splice(place, 1)
        } else {
          const item = room.take()
          const place = model.findIndex(one => one.item === item)
          expect(place >= 0).toBe(item !== null)
          if (place >= 0) model.splice(place, 1)
        }
        expect(room.size).toBe(model.length)
      }
    }),
  )
})
