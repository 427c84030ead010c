import { BugError, catalogue, collectReasons, makeCatalogue, refusal } from '@ankang/protocol'
import { describe, expect, it } from 'vitest'

/** Rows and reasons as formats.md §1 lists them, in order. */
const TABLE: Readonly<Record<number, readonly string[]>> = {
  1: ['unrecognised'],
  2: ['malformed'],
  3: ['unknown-issuer', 'unknown-root'],
  4: ['issuer-expired'],
  5: ['bad-signature', 'bad-certificate'],
  6: ['kind-not-delegated'],
  7: ['not-yet-valid'],
  8: ['expired'],
  9: ['validity-too-long'],
  10: ['proof-missing'],
  11: ['proof-bad'],
  12: ['proof-stale'],
  13: ['proof-future'],
  14: ['wrong-site', 'challenge-missing', 'challenge-wrong'],
  15: ['denied-credential'],
  16: ['replayed'],
  17: ['family-not-accepted', 'kind-not-accepted', 'paper-not-accepted'],
  18: ['revoked', 'status-stale'],
  19: ['colour-red', 'colour-yellow', 'colour-unknown'],
  20: ['nat-missing', 'nat-positive', 'nat-expired'],
  21: ['trust-stale', 'clock-untrusted', 'storage-full', 'lockdown', 'card-unauthenticated', 'ask-online'],
  22: ['ride-repeated', 'fare-limit', 'account-not-accepted', 'position-unknown'],
  23: ['ok'],
}

const reasons = [...catalogue.reasons.values()]

describe('the table of reasons', () => {
  it('declares every reason of the table of checks in its row, and nothing else', () => {
    const declared: Record<number, string[]> = {}
    for (const { row, id } of reasons) declared[row] = [...(declared[row] ?? []), id]
    expect(declared).toEqual(TABLE)
  })

  it('admits for ok alone, refers for the two that a person or the centre must settle, and denies for the rest', () => {
    const of = (outcome: string) => reasons.filter(reason => reason.outcome === outcome).map(({ id }) => id)
    expect(of('admit')).toEqual(['ok'])
    expect(of('refer')).toEqual(['card-unauthenticated', 'ask-online'])
    expect(of('deny')).toHaveLength(reasons.length - 3)
  })

  for (const reason of reasons) {
    it(`says ${reason.id} in Chinese, in English, by voice, symbol and colour`, () => {
      expect(reason.zh).toMatch(/\p{Script=Han}/u)
      expect(reason.en).toMatch(/^[\x20-\x7E’]+$/)
      expect(reason.voice).toMatch(/^[a-z-]+$/)
      expect(['tick', 'cross', 'stop', 'clock', 'person', 'phone', 'repeat', 'question', 'tool']).toContain(
        reason.symbol,
      )
      expect(['green', 'yellow', 'red', 'blue', 'grey']).toContain(reason.colour)
      if (reason.id !== 'ok') {
        expect(reason.hintZh).toMatch(/\p{Script=Han}/u)
        expect(reason.hintEn).toMatch(/^[\x20-\x7E’]+$/)
      }
    })
  }

  it('shows green and a tick for admission alone', () => {
    for (const { id, symbol, colour } of reasons) {
      expect(symbol === 'tick', id).toBe(id === 'ok')
      expect(colour === 'green', id).toBe(id === 'ok')
    }
  })

  it('has no two reasons that read alike', () => {
    expect(new Set(reasons.map(({ zh }) => zh)).size).toBe(reasons.length)
    expect(new Set(reasons.map(({ en }) => en)).size).toBe(reasons.length)
  })

  it('refuses the same reason declared twice', () => {
    const [ok] = reasons.slice(-1)
    if (ok === undefined) expect.fail('no reasons')
    expect(() => collectReasons([ok], [ok])).toThrow(expect.objectContaining({ code: 'reason-declared-twice' }))
    expect(() => makeCatalogue([...catalogue.families, ...catalogue.families], [])).toThrow(BugError)
  })

  it('calls a reason that nobody declared a bug of ours', () => {
    expect(() => refusal('made-up', catalogue.reasons)).toThrow(expect.objectContaining({ code: 'reason-undeclared' }))
  })
})
