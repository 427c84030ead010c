import { randomBytes } from 'node:crypto'
import { type Ak1Proof, encodeAk1Text, encodeProof, type PrivateKey, privateKeyFromSeed, utf8 } from '@ankang/protocol'
import type { IssuedCredential, IssueOrder } from '../city/city-platform.ts'
import type { Resident } from '../city/resident.ts'
import type { Stage } from './scenario.ts'

/** A key that belongs to nobody here. */
export function strangersKey(): PrivateKey {
  return privateKeyFromSeed(randomBytes(32))
}

/** What may differ from a code shown as it should be. */
type Deviation = Partial<Omit<IssueOrder, 'resident' | 'carrier'>> & {
  readonly proof?: Partial<Ak1Proof>
  /** Whose phone signs the proof; the resident's own by default. */
  readonly proofKey?: PrivateKey
}

/** A credential of `carrier`, issued now unless `deviation` says when. */
export function issue(
  stage: Stage,
  resident: Resident,
  carrier: IssueOrder['carrier'],
  deviation: Deviation = {},
): IssuedCredential {
  const { proof, proofKey, ...order } = deviation
  return stage.city.issue({ resident, carrier, at: stage.now, ...order })
}

/** A phone's code with its proof of now. */
export function phoneCode(stage: Stage, resident: Resident, deviation: Deviation = {}): Uint8Array {
  const credential = issue(stage, resident, 'phone', deviation)
  const content: Ak1Proof = { shownAt: stage.now, site: null, challenge: null, ...deviation.proof }
  const key = deviation.proofKey ?? stage.city.phoneKey(resident)
  return utf8(encodeAk1Text(credential.bytes, encodeProof(content, credential.bytes, key)))
}

/** A code without a phone's proof: paper, online, or a stripped one. */
export function bearerCode(
  stage: Stage,
  resident: Resident,
  carrier: IssueOrder['carrier'],
  deviation: Deviation = {},
): Uint8Array {
  return utf8(encodeAk1Text(issue(stage, resident, carrier, deviation).bytes))
}
