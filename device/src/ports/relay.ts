/**
 * Switched outputs: door strikes, gates, lamps.
 *
 * Contract: `pulse` resolves as soon as the output has moved; it falls back by itself after `durationMs`, also when the
 * caller is gone. A pulse during a pulse prolongs it. An output that cannot move rejects with an EnvironmentError, and is
 * left off. Outputs are off after construction and after `allOff`, which may be called at any time and more than once.
 */
export interface Relay {
  pulse(output: string, durationMs: number): Promise<void>
  allOff(): Promise<void>
}
