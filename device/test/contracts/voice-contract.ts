import { describe, expect, it } from 'vitest'
import type { Voice } from '../../src/ports/voice.ts'

export interface VoiceBench {
  readonly voice: Voice
  /** Clips that have started, in order. */
  played(): readonly string[]
  breakHardware(): void
}

/** What every voice promises. `make` builds a fresh bench and registers its own clean-up. */
export function voiceContract(name: string, make: () => VoiceBench): void {
  describe(`${name} keeps the voice contract`, () => {
    it('has started a clip when play resolves', async () => {
      const { voice, played } = make()
      await voice.play('welcome')
      expect(played()).toEqual(['welcome'])
      await voice.play('red-code')
      expect(played()).toEqual(['welcome', 'red-code'])
      await voice.close()
    })

    it('rejects when it cannot speak', async () => {
      const { voice, breakHardware } = make()
      breakHardware()
      await expect(voice.play('welcome')).rejects.toMatchObject({ family: 'environment' })
    })
  })
}
