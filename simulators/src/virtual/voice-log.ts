import { existsSync, readFileSync } from 'node:fs'
import { parseJson, parseWith } from '@ankang/protocol'
import * as v from 'valibot'

const PLAYED = v.looseObject({ atMs: v.number(), clip: v.string() })

/** The clips that a voice recorder says were played, in order. Throws `voice-log-invalid`. */
export function playedClips(file: string): string[] {
  if (!existsSync(file)) return []
  const context = { code: 'voice-log-invalid', source: file }
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter(line => line !== '')
    .map(line => parseWith(PLAYED, parseJson(line, context), context).clip)
}
