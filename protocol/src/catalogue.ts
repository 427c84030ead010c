import { credentialReasons } from './checks/credential-reasons.ts'
import { decideReasons } from './checks/decide-reasons.ts'
import { recogniseReasons } from './checks/recognise.ts'
import { verifyReasons } from './checks/verify.ts'
import type { Family } from './family.ts'
import { collectReasons, type ReasonTable } from './reason.ts'
import type { Scene } from './scene.ts'

/** What a build can read and where it can serve: the two lists, and the sum of all reasons they declare. */
export interface Catalogue {
  readonly families: readonly Family[]
  readonly scenes: readonly Scene[]
  readonly reasons: ReasonTable
}

export function makeCatalogue(families: readonly Family[], scenes: readonly Scene[]): Catalogue {
  const reasons = collectReasons(
    recogniseReasons,
    credentialReasons,
    verifyReasons,
    decideReasons,
    ...families.map(family => family.reasons),
    ...scenes.map(scene => scene.reasons),
  )
  return { families, scenes, reasons }
}
