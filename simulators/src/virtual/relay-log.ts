import { existsSync, readFileSync } from 'node:fs'
import { parseJson, parseWith } from '@ankang/protocol'
import * as v from 'valibot'

const MOVEMENT = v.looseObject({ atMs: v.number(), output: v.string(), on: v.boolean() })

/** How often a relay recorder says that an output was switched on. Throws `relay-log-invalid`. */
export function countOpenings(file: string): number {
  if (!existsSync(file)) return 0
  const context = { code: 'relay-log-invalid', source: file }
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter(line => line !== '')
    .filter(line => parseWith(MOVEMENT, parseJson(line, context), context).on).length
}
