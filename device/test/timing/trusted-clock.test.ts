import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Clock } from '../../src/ports/clock.ts'
import { TestClock } from '../../src/testing/test-clock.ts'
import { CLOCK_LIMITS, TrustedClock } from '../../src/timing/trusted-clock.ts'

const NOON_MS = 1_777_928_729_000
const HOUR_MS = 3_600_000
const { agreementMs, askAfterMs, freshMs, holdoverMs, stepMs, syncedMs } = CLOCK_LIMITS

function setUp() {
  const base = new TestClock(NOON_MS)
  base.trusted = 'unknown'
  const clock = new TrustedClock(base)
  let seq = 0
  /** A record is written, and the centre confirms it `afterMs` later by its own clock, which is `aheadMs` from ours. */
  const confirm = ({ afterMs = 0, aheadMs = 0 } = {}) => {
    clock.written(++seq, base.monotonicMs())
    base.advance(afterMs)
    clock.heard(base.nowMs() + aheadMs, seq)
  }
  return { base, clock, confirm }
}

describe('a clock with two witnesses', () => {
  it('trusts neither the machine nor the centre alone', () => {
    const { base, clock } = setUp()
    base.trusted = 'synced'
    expect(clock.trust()).toBe('unknown')
    clock.heard(NOON_MS, 7)
    expect(clock.trust()).toBe('unknown')
    expect(clock.witnessAgeMs()).toBeNull()
  })

  it('is synced once a record of this run is confirmed at a time that the wall clock agrees with', () => {
    const { clock, confirm } = setUp()
    confirm({ afterMs: 200 })
    expect(clock.trust()).toBe('synced')
    expect(clock.witnessAgeMs()).toBe(0)
  })

  it('is not synced by a receipt that differs from the wall clock by more than the bound', () => {
    for (const [aheadMs, trust] of [
      [agreementMs, 'synced'],
      [-agreementMs, 'synced'],
      [agreementMs + 1, 'unknown'],
      [-agreementMs - 1, 'unknown'],
    ] as const) {
      const { clock, confirm } = setUp()
      confirm({ aheadMs })
      expect(clock.trust()).toBe(trust)
    }
  })

  it('is not synced by a receipt for what was written too long ago: it may have been held back', () => {
    const { clock, confirm } = setUp()
    confirm({ afterMs: freshMs + 1 })
    expect(clock.trust()).toBe('unknown')
    confirm({ afterMs: freshMs })
    expect(clock.trust()).toBe('synced')
  })

  it('is not synced by receipts of an earlier run, whatever time they name', () => {
    const { base, clock } = setUp()
    clock.written(9, base.monotonicMs())
    for (let seq = 0; seq < 9; seq++) clock.heard(NOON_MS, seq)
    expect(clock.trust()).toBe('unknown')
  })

  it('is on its own after an hour, and unknown after a day, unless a witness comes', () => {
    const { base, clock, confirm } = setUp()
    confirm()
    base.advance(syncedMs)
    expect(clock.trust()).toBe('synced')
    base.advance(1)
    expect(clock.trust()).toBe('holdover')
    base.advance(holdoverMs - syncedMs - 1)
    expect(clock.trust()).toBe('holdover')
    base.advance(1)
    expect(clock.trust()).toBe('unknown')
    confirm()
    expect(clock.trust()).toBe('synced')
  })

  it('is unknown at once when the wall clock steps, and says so once', () => {
    const { base, clock, confirm } = setUp()
    confirm()
    base.step(stepMs)
    expect(clock.trust()).toBe('synced')
    base.step(1)
    expect(clock.trust()).toBe('unknown')
    expect(clock.tick()).toEqual([{ byMs: stepMs + 1, wasTrusted: true }])
    expect(clock.tick()).toEqual([])
    base.advance(HOUR_MS)
    expect(clock.trust()).toBe('unknown')
  })

  it('is not fooled by many small steps', () => {
    const { base, clock, confirm } = setUp()
    confirm()
    for (let step = 0; step < 3; step++) {
      base.step(-stepMs / 2)
      base.advance(1000)
      clock.tick()
    }
    expect(clock.trust()).toBe('unknown')
  })

  it('stays unknown after a step until a witness agrees with where time had come to', () => {
    const { base, clock, confirm } = setUp()
    confirm()
    base.step(-HOUR_MS)
    confirm() // a centre that goes along with the wall clock
    expect(clock.trust()).toBe('unknown')
    confirm({ aheadMs: HOUR_MS }) // the true centre
    expect(clock.trust()).toBe('unknown')
    base.step(HOUR_MS)
    expect(clock.trust()).toBe('unknown')
    confirm()
    expect(clock.trust()).toBe('synced')
  })

  it('tells several steps between two ticks as one, and a clock set before it was ever trusted as that', () => {
    const { base, clock } = setUp()
    base.step(10_000)
    expect(clock.trust()).toBe('unknown')
    base.step(-30_000)
    expect(clock.tick()).toEqual([{ byMs: -20_000, wasTrusted: false }])
  })

  it('knows a time that it is at least, which no step and no old receipt lowers', () => {
    const { base, clock, confirm } = setUp()
    expect(clock.earliestMs()).toBe(0)
    confirm()
    base.advance(60_000)
    base.step(-HOUR_MS)
    confirm()
    expect(clock.earliestMs()).toBeGreaterThan(NOON_MS + 59_000)
    expect(clock.earliestMs()).toBeLessThanOrEqual(NOON_MS + 60_000)
  })

  it('asks for a witness when it has none or an old one, and not while one is on its way', () => {
    const { base, clock, confirm } = setUp()
    expect(clock.wantsWitness()).toBe(true)
    clock.written(1, base.monotonicMs())
    expect(clock.wantsWitness()).toBe(false)
    base.advance(freshMs + 1)
    expect(clock.wantsWitness()).toBe(true)
    confirm()
    base.advance(askAfterMs - 1)
    expect(clock.wantsWitness()).toBe(false)
    base.advance(1)
    expect(clock.wantsWitness()).toBe(true)
  })
})

describe('asking for a witness', () => {
  it('is done ever more seldom while it is in vain, and at once again after one came', () => {
    const { base, clock, confirm } = setUp()
    const waitsMs: number[] = []
    for (let asked = 0; asked < 9; asked++) {
      let waitedMs = 0
      for (; !clock.wantsWitness(); waitedMs += 1000) base.advance(1000)
      waitsMs.push(waitedMs)
      clock.asked()
    }
    expect(waitsMs.map(ms => ms / 60_000)).toEqual([0, 1, 2, 4, 8, 16, 32, 60, 60])
    confirm()
    base.advance(askAfterMs)
    expect(clock.wantsWitness()).toBe(true)
  })
})

type Move =
  | { readonly kind: 'pass' | 'step' | 'hold-back'; readonly ms: number }
  | { readonly kind: 'write' | 'sign' | 'restart' | 'honest' }
  | { readonly kind: 'deliver'; readonly which: number }

const durations = [0, 100, 1000, 4000, freshMs, 10_000, 60_000, 1_700_000, HOUR_MS, 9 * HOUR_MS]
const moves: fc.Arbitrary<Move> = fc.oneof(
  fc.record({ kind: fc.constantFrom('pass' as const, 'hold-back' as const), ms: fc.constantFrom(...durations) }),
  fc.record({
    kind: fc.constant('step' as const),
    ms: fc.oneof(fc.constantFrom(...durations.flatMap(ms => [ms, -ms])), fc.integer({ min: -3000, max: 3000 })),
  }),
  fc.record({ kind: fc.constantFrom('write' as const, 'sign' as const, 'honest' as const) }),
  fc.record({ kind: fc.constantFrom('write' as const, 'sign' as const, 'restart' as const) }),
  fc.record({ kind: fc.constant('deliver' as const), which: fc.nat({ max: 6 }) }),
)

/**
 * Whoever owns broker and network time: sets the wall clock at will, lets the centre see what was written when it likes,
 * and delivers any receipt the centre ever signed, at any time and any number of times. The monotonic clock runs by `rate`.
 */
class Adversary {
  trueMs = NOON_MS
  #wallMs = NOON_MS
  #monotonicMs = 0
  #seq = 0
  readonly #rate: number
  readonly #receipts: { timeMs: number; storedThrough: number }[] = []
  readonly #base: Clock = {
    nowMs: () => this.#wallMs,
    monotonicMs: () => this.#monotonicMs,
    trust: () => 'unknown',
  }
  clock = new TrustedClock(this.#base)

  constructor(rate: number) {
    this.#rate = rate
  }

  errorMs(): number {
    return Math.abs(this.#wallMs - this.trueMs)
  }

  play(move: Move): void {
    switch (move.kind) {
      case 'pass':
        this.trueMs += move.ms
        this.#wallMs += move.ms * this.#rate
        this.#monotonicMs += move.ms * this.#rate
        return
      case 'step':
        this.#wallMs += move.ms
        return
      case 'write':
        this.clock.written(++this.#seq, this.#monotonicMs)
        return
      case 'sign':
        this.#receipts.unshift({ timeMs: Math.round(this.trueMs), storedThrough: this.#seq })
        return
      case 'hold-back': // a receipt, and the wall clock taken back to when it was true
        for (const kind of ['write', 'sign'] as const) this.play({ kind })
        this.play({ kind: 'pass', ms: move.ms })
        this.play({ kind: 'step', ms: -move.ms })
        this.play({ kind: 'deliver', which: 0 })
        return
      case 'honest':
        for (const kind of ['write', 'sign'] as const) this.play({ kind })
        this.play({ kind: 'deliver', which: 0 })
        return
      case 'restart':
        this.clock = new TrustedClock(this.#base)
        return
      case 'deliver': {
        const receipt = this.#receipts[move.which]
        if (receipt !== undefined) this.clock.heard(receipt.timeMs, receipt.storedThrough)
      }
    }
  }
}

describe('whoever owns the broker and the network’s time', () => {
  it('never makes a wrong wall clock synced', () => {
    const slew = 500e-6 // the most that Linux lets a time daemon slew
    const boundMs = agreementMs + freshMs + stepMs + syncedMs * slew
    let synced = 0
    fc.assert(
      fc.property(
        fc.array(moves, { maxLength: 60 }),
        fc.double({ min: 1 - slew, max: 1 + slew, noNaN: true }),
        (script, rate) => {
          const world = new Adversary(rate)
          for (const move of script) {
            world.play(move)
            if (world.clock.trust() !== 'synced') continue
            synced++
            expect(world.errorMs()).toBeLessThanOrEqual(boundMs)
          }
        },
      ),
      { numRuns: 2000 },
    )
    expect(synced).toBeGreaterThan(100)
  })

  it('never makes a trusted one wrong by more than it says, where the crystal keeps to its drift', () => {
    fc.assert(
      fc.property(
        fc.array(moves, { maxLength: 60 }),
        fc.double({ min: 1 - CLOCK_LIMITS.drift, max: 1 + CLOCK_LIMITS.drift, noNaN: true }),
        (script, rate) => {
          const world = new Adversary(rate)
          for (const move of script) {
            world.play(move)
            if (world.clock.trust() === 'unknown') continue
            const saysMs = world.clock.errorMs() ?? 0
            expect(saysMs).toBeLessThanOrEqual(CLOCK_LIMITS.errorMs)
            expect(world.errorMs()).toBeLessThanOrEqual(saysMs + 1)
          }
        },
      ),
      { numRuns: 2000 },
    )
  })

  it('never moves the least time that it is past true time', () => {
    fc.assert(
      fc.property(fc.array(moves, { maxLength: 60 }), script => {
        const world = new Adversary(1)
        for (const move of script) {
          world.play(move)
          expect(world.clock.earliestMs()).toBeLessThanOrEqual(world.trueMs + 1)
        }
      }),
      { numRuns: 2000 },
    )
  })
})
