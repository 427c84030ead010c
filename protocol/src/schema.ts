import * as v from 'valibot'
import { UsageError } from './errors.ts'

interface SchemaContext {
  readonly code: string
  /** What is being read, for the message: a file's path or a topic. */
  readonly source: string
}

/** Validates `json`, naming every wrong place and what was expected there. Throws a UsageError with `context.code`. */
export function parseWith<S extends v.GenericSchema>(
  schema: S,
  json: unknown,
  context: SchemaContext,
): v.InferOutput<S> {
  const result = v.safeParse(schema, json)
  if (result.success) return result.output
  const places = result.issues.slice(0, 5).map(issue => `${v.getDotPath(issue) ?? 'the whole'}: ${inWords(issue)}`)
  const more = result.issues.length > places.length ? ` (and ${result.issues.length - places.length} more)` : ''
  throw new UsageError(context.code, `${context.source}: ${places.join('; ')}${more}`, {
    details: { source: context.source, problems: result.issues.length },
  })
}

/** The two commonest mistakes, in the reader's words instead of the schema's. */
function inWords({ expected, received, message }: v.BaseIssue<unknown>): string {
  if (expected === 'never') return '未知的键 unknown key; check its spelling, or leave it out'
  if (received === 'undefined') return '缺少 missing'
  // The library's own words repeat what came, which may name a person; ours do not.
  return expected !== null && message.startsWith('Invalid') ? `expected ${expected}` : message
}

/** JSON text to value. Throws a UsageError with `context.code`. */
export function parseJson(text: string, context: SchemaContext): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new UsageError(context.code, `${context.source}: expected JSON`, {
      cause: error,
      details: { source: context.source },
    })
  }
}
