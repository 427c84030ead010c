/** What a box must still know after a power cut, beside its journal. */
export interface KeptState {
  readonly lockdown: boolean
  /** The desired state in force, as it was signed. */
  readonly desired: Uint8Array | null
}

export const NOTHING_KEPT: KeptState = { lockdown: false, desired: null }

/**
 * A few bytes that outlive the program.
 *
 * Contract: `load` gives what the last `save` that resolved was given, `NOTHING_KEPT` before the first. When `save`
 * resolves the state has survived a power cut; a `save` that rejects, or is cut short, leaves one whole state, the old
 * or the new. Both reject with an EnvironmentError: `kept-state-broken` from a `load` of what is no state, else
 * `keep-failed`. It belongs to one process.
 */
export interface Keep {
  load(): Promise<KeptState>
  save(state: KeptState): Promise<void>
}
