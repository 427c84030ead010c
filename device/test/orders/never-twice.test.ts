import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OrderMemory } from '../../src/orders/order-memory.ts'
import { boxRemains, orderBox } from '../fixtures/order-box.ts'
import { NOW_SECONDS } from '../fixtures/test-world.ts'

type Move =
  | { readonly kind: 'order' | 'replay'; readonly which: number }
  | { readonly kind: 'pass' | 'step'; readonly seconds: number }
  | { readonly kind: 'restart' | 'sync' | 'set-right' }

const SECONDS = [1, 30, 61, 300, 400]
const moves: fc.Arbitrary<Move> = fc.oneof(
  fc.record({ kind: fc.constantFrom('order' as const, 'replay' as const), which: fc.nat({ max: 6 }) }),
  fc.record({ kind: fc.constantFrom('order' as const, 'replay' as const), which: fc.nat({ max: 6 }) }),
  fc.record({ kind: fc.constant('pass' as const), seconds: fc.constantFrom(...SECONDS) }),
  fc.record({ kind: fc.constant('step' as const), seconds: fc.constantFrom(...SECONDS.map(seconds => -seconds)) }),
  fc.record({ kind: fc.constantFrom('restart' as const, 'sync' as const, 'set-right' as const) }),
)

describe('an order', () => {
  it('is carried out at most once, whatever is replayed, however clocks are set, and across restarts', async () => {
    let orders = 0
    await fc.assert(
      fc.asyncProperty(fc.array(moves, { minLength: 10, maxLength: 40 }), async script => {
        const remains = boxRemains()
        let run = 0
        let moved = 0
        let passed = 0
        const inTime = () => ({ issuedAt: NOW_SECONDS + passed, expiresAt: NOW_SECONDS + passed + 60 })
        let box = await orderBox({ remains, run })
        await box.sync()
        const captured: Uint8Array[] = []
        const carriedOut = () => {
          const done = box.bodies().filter(({ type, sceneMap }) => type === 'command' && sceneMap?.get(2) === true)
          return done.map(({ sceneMap }) => String(sceneMap?.get(1)))
        }
        for (const move of script) {
          switch (move.kind) {
            case 'order': {
              // Few ids, so that one comes again with other bytes.
              const id = `run-${run}-${move.which}`
              const seconds = 1 + (captured.length % 30)
              const opening = { name: 'open-once', args: { seconds } }
              const order = box.command({
                id,
                ...inTime(),
                ...(move.which % 2 === 0 ? opening : { name: 'self-test' }),
              })
              captured.push(order)
              await box.give(order)
              break
            }
            case 'replay':
              await box.give(captured[move.which] ?? new Uint8Array())
              break
            case 'pass':
              passed += move.seconds
              box.clock.advance(move.seconds * 1000)
              break
            case 'step':
              box.clock.step(move.seconds * 1000)
              break
            case 'restart':
              box.link.down()
              box = await orderBox({ remains, run: ++run })
              break
            case 'set-right':
              box.clock.step((NOW_SECONDS + passed) * 1000 - box.clock.nowMs())
              break
            case 'sync':
              await box.sync()
          }
          const done = carriedOut()
          const openings = box.bodies().filter(({ type, reason }) => type === 'command' && reason === 'open-once')
          moved += box.relay.movements.splice(0).length
          expect(moved).toBe(openings.length)
          expect(new Set(done).size).toBe(done.length)
        }
        orders += carriedOut().length
      }),
      { numRuns: 80 },
    )
    expect(orders).toBeGreaterThan(40)
  })
})

describe('the memory for orders', () => {
  it('forgets none that could still be in time, and takes no more instead', () => {
    const memory = new OrderMemory()
    for (let number = 0; number < 1024; number++) expect(memory.remember(`order-${number}`, number)).toBe(true)
    expect(memory.remember('one-more', 320_000)).toBe(false)
    expect(memory.has('order-0')).toBe(true)
    expect(memory.remember('one-more', 320_001)).toBe(true)
    expect([memory.has('order-0'), memory.has('order-1'), memory.has('one-more')]).toEqual([false, true, true])
  })
})
