import type { Effect } from '@ankang/protocol'
import type { Relay } from '../ports/relay.ts'
import type { Vehicle } from '../ports/vehicle.ts'

/** What a scene may look at and move on this box. */
export interface ScenePorts {
  readonly relay: Relay
  /** Null where the box is on no vehicle. */
  readonly vehicle: Vehicle | null
}

/** The device's side of a scene: what it knows of here and now, and how its effects reach the ports. Same file name as the scene in protocol. */
export interface DeviceScene {
  readonly name: string
  /** Parts without which it cannot serve, as the configuration names them: missed at start, not at the door. */
  readonly needs: readonly ('relay' | 'vehicle')[]
  /** What the scene's decision may know; in the shape that the scene in protocol expects. */
  situation?(ports: ScenePorts): unknown
  /** What opens it from afar; absent where there is nothing to open. */
  remoteOpening?(durationMs: number): Effect
  /** Resolves when the effect has begun; rejects with an EnvironmentError when it cannot. */
  perform(effect: Effect, ports: ScenePorts): Promise<void>
}
