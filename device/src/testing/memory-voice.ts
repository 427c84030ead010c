import type { Voice } from '../ports/voice.ts'
import { MemoryFailure } from './memory-failure.ts'

/** A voice without a loudspeaker: the clips stand in `played`, in order. */
export class MemoryVoice implements Voice {
  readonly played: string[] = []
  readonly failure = new MemoryFailure('voice-failed', 'the voice in memory was told to fail')

  async play(clip: string): Promise<void> {
    this.failure.check()
    this.played.push(clip)
  }

  async close(): Promise<void> {
    // Nothing is held open.
  }
}
