import { utf8 } from '@ankang/protocol'
import { describe, expect, it } from 'vitest'
import type { Keep } from '../../src/ports/keep.ts'

export interface KeepBench {
  /** The keep as the next run of the program finds it. */
  reopen(): Keep
  /** Nothing can be written any more. */
  breakHardware(): void
  repairHardware(): void
  /** What lies there is no state any more. */
  spoil(): void
}

/** What every keep promises. `make` builds a fresh bench and registers its own clean-up. */
export function keepContract(name: string, make: () => KeepBench): void {
  describe(`${name} keeps the keep contract`, () => {
    it('holds nothing at first', async () => {
      expect(await make().reopen().load()).toEqual({ lockdown: false, desired: null })
    })

    it('gives the next run what was saved last', async () => {
      const { reopen } = make()
      const keep = reopen()
      await keep.save({ lockdown: true, desired: null })
      expect(await reopen().load()).toEqual({ lockdown: true, desired: null })
      await keep.save({ lockdown: false, desired: new Uint8Array([0, 255, 128]) })
      expect(await reopen().load()).toEqual({ lockdown: false, desired: new Uint8Array([0, 255, 128]) })
    })

    it('ends on the last of many saves that were not waited for', async () => {
      const { reopen } = make()
      const keep = reopen()
      await Promise.all(['a', 'bb', 'ccc'].map(text => keep.save({ lockdown: true, desired: utf8(text) })))
      expect(await reopen().load()).toEqual({ lockdown: true, desired: utf8('ccc') })
    })

    it('rejects a save that fails and keeps what it had', async () => {
      const { reopen, breakHardware, repairHardware } = make()
      const keep = reopen()
      await keep.save({ lockdown: true, desired: null })
      breakHardware()
      await expect(keep.save({ lockdown: false, desired: null })).rejects.toMatchObject({
        code: 'keep-failed',
        retryable: true,
      })
      repairHardware()
      expect(await reopen().load()).toEqual({ lockdown: true, desired: null })
    })

    it('says that a spoilt state is one, and is whole again at the next save', async () => {
      const { reopen, spoil } = make()
      const keep = reopen()
      await keep.save({ lockdown: true, desired: null })
      spoil()
      await expect(keep.load()).rejects.toMatchObject({ code: 'kept-state-broken', family: 'environment' })
      await keep.save({ lockdown: false, desired: null })
      expect(await reopen().load()).toEqual({ lockdown: false, desired: null })
    })
  })
}
