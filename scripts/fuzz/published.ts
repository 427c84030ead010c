/*
 * The cases that protocol/vectors publishes, as codes to damage.
 */
import { readFileSync } from 'node:fs'
import { catalogue, compileTrust, fromHex, type Policy, parsePolicy, parseTrustFile, utf8 } from '@ankang/protocol'
import type { PublishedCase } from '../../protocol/test/published-case.ts'
import type { FuzzBase } from './fuzz-corpus.ts'

const CASES = new URL('../../protocol/vectors/cases.json', import.meta.url)

export interface Published {
  readonly cases: readonly PublishedCase[]
  /** By name. */
  readonly policies: Readonly<Record<string, Policy>>
  /** What a case without a trust of its own is checked under. */
  readonly trust: unknown
}

/** A file of cases in the form of formats.md §2, `--cases`. No scene is asked, so that policies need hold no scene's entries. */
export function readPublished(url: URL | string = CASES): Published {
  const file = JSON.parse(readFileSync(url, 'utf8'))
  const policies = Object.entries(file.policies).map(([name, policy]) => [
    name,
    parsePolicy(policy, { reasons: catalogue.reasons, scenes: [] }),
  ])
  return { cases: file.cases, policies: Object.fromEntries(policies), trust: file.trust }
}

export function bytesOf({ text, hex }: PublishedCase): Uint8Array {
  return text === undefined ? fromHex(hex ?? '') : utf8(text)
}

/** A published case with everything its verification looks at. */
export function baseOf(one: PublishedCase, { trust }: Published): FuzzBase {
  return {
    name: one.name,
    bytes: bytesOf(one),
    trust: compileTrust(parseTrustFile(one.trust ?? trust)),
    now: one.at,
    site: one.site ?? null,
    challenge: one.challenge === undefined ? null : fromHex(one.challenge),
  }
}
