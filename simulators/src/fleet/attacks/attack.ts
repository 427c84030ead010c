import type { LineIdentity } from '../light-device.ts'

/** What an attacker knows and holds. */
export interface AttackTarget {
  readonly host: string
  readonly mqttPort: number
  readonly httpPort: number
  /** PEM of the house's CA, which is no secret. */
  readonly ca: string
  /** One enrolled box in the attacker's hands. */
  readonly stolen: { readonly site: string; readonly device: string; readonly identity: LineIdentity }
  /** A certificate of another CA, with the stolen box's name on it. */
  readonly forged: LineIdentity
  /** A box that is not the attacker's. */
  readonly victim: { readonly site: string; readonly device: string }
}

/** Tries without pause until told to stop. What the far side does with it never makes it throw. */
export interface Attack {
  readonly name: string
  readonly zh: string
  readonly en: string
  run(target: AttackTarget, signal: AbortSignal): Promise<AttackCount>
}

export interface AttackCount {
  readonly tried: number
  /** Times the far side did what it must never do. */
  readonly succeeded: number
}
