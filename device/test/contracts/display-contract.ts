import { describe, expect, it } from 'vitest'
import type { Display, DisplayMessage } from '../../src/ports/display.ts'

export interface DisplayBench {
  readonly display: Display
  /** What the glass shows now, as something two of which can be compared; null before the first message. */
  glass(): Promise<string | null>
  breakHardware(): Promise<void>
  repairHardware(): Promise<void>
}

const message = (en: string): DisplayMessage => ({ kind: 'fault', zh: '故障', en })

/** What every display promises. `make` builds a fresh bench and registers its own clean-up. */
export function displayContract(name: string, make: () => Promise<DisplayBench>): void {
  /** What the glass looks like after one message alone. */
  async function alone(of: DisplayMessage): Promise<string | null> {
    const { display, glass } = await make()
    await display.show(of)
    return glass()
  }

  describe(`${name} keeps the display contract`, () => {
    it('shows a message when show resolves', async () => {
      const { display, glass } = await make()
      expect(await glass()).toBeNull()
      await display.show({ kind: 'idle' })
      const idle = await glass()
      await display.show(message('A'))
      expect(await glass()).not.toBe(idle)
      await display.close()
    })

    it('ends on the newest of many, and every show resolves', async () => {
      const { display, glass } = await make()
      const many = ['A', 'B', 'C', 'D', 'E'].map(text => display.show(message(text)))
      await Promise.all(many)
      expect(await glass()).toBe(await alone(message('E')))
    })

    it('rejects when it cannot show, and tries again at the next', async () => {
      const { display, glass, breakHardware, repairHardware } = await make()
      await breakHardware()
      await expect(display.show(message('A'))).rejects.toMatchObject({ family: 'environment' })
      await repairHardware()
      await display.show(message('B'))
      expect(await glass()).toBe(await alone(message('B')))
    })

    it('has finished what it began when close resolves', async () => {
      const { display, glass } = await make()
      const shows = [display.show(message('A')), display.show(message('B'))]
      await display.close()
      expect(await glass()).toBe(await alone(message('B')))
      await Promise.all(shows)
    })
  })
}
