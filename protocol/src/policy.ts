import * as v from 'valibot'
import { COLOURS } from './colour.ts'
import { isSoftenable, type ReasonTable } from './reason.ts'
import { parseWith } from './schema.ts'
import { KINDS } from './trust/trust-file.ts'

const seconds = v.pipe(v.number(), v.integer(), v.minValue(0))

/** What every scene's policy holds. A scene adds its own entries; unknown keys are refused. Source: formats.md §2. */
const COMMON = {
  scene: v.string(),
  families: v.array(v.string()),
  kinds: v.array(v.picklist(KINDS)),
  colours: v.array(v.picklist(COLOURS)),
  paper: v.boolean(),
  proofWindowSeconds: seconds,
  futureSkewSeconds: seconds,
  /** Null: the list's age is not checked. */
  maxStatusAgeSeconds: v.optional(v.nullable(seconds), null),
  replaySeconds: seconds,
  facts: v.optional(
    v.nullable(v.strictObject({ nat: v.optional(v.strictObject({ withinHours: v.pipe(v.number(), v.minValue(0)) })) })),
    null,
  ),
  challenge: v.optional(v.literal('required')),
  maxStampAgeSeconds: v.optional(seconds),
  rideWindowSeconds: v.optional(seconds),
  /** What to do when trust is too old; absent: nothing. */
  onStale: v.optional(v.picklist(['deny', 'refer', 'signature-alone'])),
  /** What to do when the clock cannot be trusted; absent: nothing. */
  clock: v.optional(v.picklist(['deny', 'refer'])),
  outcomes: v.optional(v.record(v.string(), v.picklist(['deny', 'refer'])), {}),
}
const COMMON_POLICY = v.strictObject(COMMON)

/** What a scene may add to the common policy. */
export type PolicyEntries = v.ObjectEntries
export type Policy = v.InferOutput<typeof COMMON_POLICY> & { readonly sceneOptions: Readonly<Record<string, unknown>> }

interface PolicyVocabulary {
  readonly reasons: ReasonTable
  readonly scenes: readonly { readonly name: string; readonly policyEntries: PolicyEntries }[]
}

function entriesOf(name: string, { scenes }: PolicyVocabulary): PolicyEntries {
  return scenes.find(scene => scene.name === name)?.policyEntries ?? {}
}

/** Throws `policy-invalid`. */
function parse(json: unknown, own: PolicyEntries, { reasons }: PolicyVocabulary, source: string): Policy {
  const context = { code: 'policy-invalid', source }
  const softenable = v.record(
    v.pipe(
      v.string(),
      v.check(id => {
        const reason = reasons.get(id)
        return reason !== undefined && isSoftenable(reason)
      }, 'expected a reason of rows 17 to 22'),
    ),
    v.picklist(['deny', 'refer']),
  )
  const all = parseWith(v.strictObject({ ...COMMON, ...own, outcomes: v.optional(softenable, {}) }), json, context)
  const sceneOptions = Object.fromEntries(Object.entries(all).filter(([key]) => key in own))
  const common = Object.fromEntries(Object.entries(all).filter(([key]) => key in COMMON))
  return { ...parseWith(COMMON_POLICY, common, context), sceneOptions }
}

/** The scene that a policy is for, before anything else of it is read. Throws `policy-invalid`. */
export function policyScene(json: unknown, source = 'policy file'): string {
  return parseWith(v.object({ scene: v.string() }), json, { code: 'policy-invalid', source }).scene
}

/** Reads a policy to decide by. A scene this build does not know keeps the common entries only. Throws `policy-invalid`. */
export function parsePolicy(json: unknown, vocabulary: PolicyVocabulary, source = 'policy file'): Policy {
  return parse(json, entriesOf(policyScene(json, source), vocabulary), vocabulary, source)
}

/**
 * Reads a policy for the technician's check, which asks no scene: its entries may be missing, and are checked where they are
 * given. Throws `policy-invalid`. Source: formats.md §2, "for any scene name".
 */
export function parsePolicyForCheck(json: unknown, vocabulary: PolicyVocabulary, source = 'policy file'): Policy {
  const own = entriesOf(policyScene(json, source), vocabulary)
  return parse(json, v.partial(v.object(own)).entries, vocabulary, source)
}
