/**
 * Contract: `play` resolves when the clip has started; the newest clip interrupts the one before. A voice that fails
 * rejects with an EnvironmentError; nobody is refused because of it.
 */
export interface Voice {
  /** `clip` is the voice id of a reason. */
  play(clip: string): Promise<void>
  close(): Promise<void>
}
