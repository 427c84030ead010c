import type { Effect } from '@ankang/protocol'
import type { Relay } from '../ports/relay.ts'

/** What a scene may move on this box. */
export interface ScenePorts {
  readonly relay: Relay
}

/** The device's side of a scene: how its effects reach the ports. Same file name as the scene in protocol. */
export interface DeviceScene {
  readonly name: string
  /** Resolves when the effect has begun; rejects with an EnvironmentError when it cannot. */
  perform(effect: Effect, ports: ScenePorts): Promise<void>
}
