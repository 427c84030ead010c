import type { Decision, Reason } from '@ankang/protocol'
import type { Display } from '../ports/display.ts'
import type { Voice } from '../ports/voice.ts'
import type { DeviceScene, ScenePorts } from '../scenes/device-scene.ts'

export interface Outputs extends ScenePorts {
  readonly display: Display
  readonly voice: Voice
}

export interface Performance {
  readonly decision: Decision
  readonly reason: Reason
  /** For the glass only; kept nowhere. */
  readonly maskedName: string | null
}

export interface ActFaults {
  /** An effect of an admission did not happen: the person stands before a closed door. */
  onEffectFailed(error: unknown): Promise<void>
  /** Display or voice failed: nobody is refused because of it. */
  onSignalFailed(part: 'display' | 'voice', error: unknown): void
}

/**
 * What a decision does to the world. Resolves when every effect has begun; picture and voice start beside it and are not
 * waited for. Only ever called with a decision whose record is on disk, or with a refusal.
 */
export async function act(
  { decision, reason, maskedName }: Performance,
  scene: DeviceScene,
  outputs: Outputs,
  faults: ActFaults,
): Promise<void> {
  const effects = decision.effects.map(effect =>
    scene.perform(effect, outputs).catch(error => faults.onEffectFailed(error)),
  )
  outputs.voice.play(decision.notice?.voice ?? reason.voice).catch(error => faults.onSignalFailed('voice', error))
  outputs.display
    .show({ kind: 'result', reason, outcome: decision.outcome, maskedName, notice: decision.notice })
    .catch(error => faults.onSignalFailed('display', error))
  await Promise.all(effects)
}
