import { describe, expect, it } from 'vitest'
import type { Relay } from '../../src/ports/relay.ts'
import type { ManualTimers } from '../../src/testing/manual-timers.ts'

export interface RelayBench {
  readonly relay: Relay
  readonly timers: ManualTimers
  /** Whether the output is on, by what its hardware last did. */
  isOn(output: string): boolean
  /** From now on the output cannot move. */
  breakHardware(): void
}

/** What every relay promises. `make` builds a fresh bench and registers its own clean-up. */
export function relayContract(name: string, make: () => RelayBench): void {
  describe(`${name} keeps the relay contract`, () => {
    it('is off at the start', () => {
      expect(make().isOn('door')).toBe(false)
    })

    it('has moved when pulse resolves, and falls back by itself', async () => {
      const { relay, timers, isOn } = make()
      await relay.pulse('door', 3000)
      expect(isOn('door')).toBe(true)
      timers.advance(2999)
      expect(isOn('door')).toBe(true)
      timers.advance(1)
      expect(isOn('door')).toBe(false)
    })

    it('is prolonged by a pulse during a pulse, and not shortened', async () => {
      const { relay, timers, isOn } = make()
      await relay.pulse('door', 3000)
      timers.advance(2000)
      await relay.pulse('door', 3000)
      timers.advance(1000)
      await relay.pulse('door', 10)
      timers.advance(1999)
      expect(isOn('door')).toBe(true)
      timers.advance(1)
      expect(isOn('door')).toBe(false)
    })

    it('switches everything off at once, as often as it is asked', async () => {
      const { relay, timers, isOn } = make()
      await relay.pulse('door', 3000)
      await relay.pulse('lamp', 3000)
      await relay.allOff()
      await relay.allOff()
      expect([isOn('door'), isOn('lamp')]).toEqual([false, false])
      await relay.pulse('door', 3000)
      timers.advance(2999)
      expect(isOn('door')).toBe(true)
    })

    it('rejects a pulse that cannot be given, and leaves the output off', async () => {
      const { relay, timers, isOn, breakHardware } = make()
      breakHardware()
      await expect(relay.pulse('door', 3000)).rejects.toMatchObject({ family: 'environment' })
      expect(isOn('door')).toBe(false)
      expect(timers.pendingCount).toBe(0)
    })

    it('refuses a pulse without an end', async () => {
      const { relay, isOn } = make()
      await expect(relay.pulse('door', Number.POSITIVE_INFINITY)).rejects.toMatchObject({ code: 'pulse-unbounded' })
      expect(isOn('door')).toBe(false)
    })
  })
}
