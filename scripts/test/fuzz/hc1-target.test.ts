import { type Presentation, recognise, sha256, toHex, verify } from '@ankang/protocol'
import { describe, expect, it } from 'vitest'
import { twinOf } from '../../fuzz/fixed-es256.ts'
import { makeCorpus } from '../../fuzz/fuzz-corpus.ts'
import { fuzzBench, fuzzRange, judge, marksLeftBy, noFigures } from '../../fuzz/fuzz-run.ts'
import { type Hc1Base, hc1Codes } from '../../fuzz/hc1-codes.ts'
import { fromMessage, fromParts, messageOf, readHc1Layers } from '../../fuzz/hc1-layers.ts'
import { HC1_MUTATIONS } from '../../fuzz/hc1-mutations.ts'
import { hc1Target } from '../../fuzz/hc1-target.ts'
import { seededRandom } from '../../fuzz/seeded-random.ts'
import { requirement } from '../../testing/requirements.ts'
import { reallyVerified, withPlanted } from './planted-family.ts'

const corpus = hc1Target.readCorpus(null)
const bench = fuzzBench(corpus)
const { bases, policies } = hc1Codes(null)
const [policy] = policies

function named(name: string): Hc1Base {
  return bases.find(base => base.name === name) ?? expect.fail(`no certificate named ${name}`)
}

function shownAs(bytes: Uint8Array, { trust, now }: Hc1Base): Presentation | null {
  if (policy === undefined) expect.fail('no policy')
  const recognition = recognise({ bytes }, bench.families)
  if (!recognition.ok) return null
  const verification = verify(recognition.claimed, { trust, now, policy, site: null, challenge: null })
  return verification.ok ? verification.presentation : null
}

describe('fuzzing of foreign certificates', () => {
  it('finds no way in with 4,000 damaged certificates, by any mutation', () => {
    const figures = noFigures()
    fuzzRange(bench, { seed: 1, from: 0, count: 4000 }, figures)
    expect(figures.inputs + figures.unchanged).toBe(4000)
    expect(Object.keys(figures.byMutation).sort()).toEqual(Object.keys(HC1_MUTATIONS).sort())
    for (const reason of ['unrecognised', 'malformed', 'unknown-issuer', 'bad-signature'])
      expect(figures.refusedBy[reason], reason).toBeGreaterThan(20)
    expect(figures.verifiedAs['the same certificate, wrapped otherwise']).toBeGreaterThan(100)
    expect(figures.verifiedAs['issued so by its issuer']).toBeGreaterThan(10)
  })

  const vectors = requirement('vectors')
  vectors.it('starts from the published set too, and finds no way in with 2,000 of them', () => {
    const published = hc1Target.readCorpus(vectors.value)
    expect(published.bases.length).toBe(120 + bases.length)
    expect(published.digest).not.toBe(corpus.digest)
    const figures = noFigures()
    fuzzRange(fuzzBench(published), { seed: 1, from: 0, count: 2000 }, figures)
    expect(figures.inputs + figures.unchanged).toBe(2000)
  })

  it('starts from certificates of its own that are admitted, wrapped in every way there is', () => {
    expect(bases.map(({ name }) => name)).toEqual([
      'own: PS256',
      'own: PS256, kid unprotected',
      'own: PS256, signature with a leading zero',
      'own: headers protected',
      'own: kid unprotected',
      'own: headers unprotected',
      'own: an empty map protected',
      'own: a CWT',
      'own: no tag',
    ])
    for (const base of bases) expect(shownAs(base.bytes, base), base.name).not.toBeNull()
  })

  it('makes the same input for the same seed and index', () => {
    const draw = () => Array.from({ length: 200 }, (_, index) => toHex(corpus.draw(seededRandom(7, index)).bytes))
    expect(draw()).toEqual(draw())
  })
})

describe('a certificate wrapped otherwise', () => {
  it('is the same one, however it is compressed, tagged and headed', () => {
    const base = named('own: headers protected')
    const spellings = [
      fromMessage(base.message, { level: 0 }),
      fromMessage(base.message, { level: 1, windowBits: 9 }),
      fromParts({ ...base, tags: [] }),
      fromParts({ ...base, tags: [61, 18] }),
      fromParts({ ...base, unprotected: new Map([[4, Uint8Array.of(1, 2, 3)]]) }),
    ]
    for (const bytes of spellings)
      expect(judge(bytes, base, bench)).toEqual({ kind: 'verified', as: 'the same certificate, wrapped otherwise' })
  })

  it('can be put together again from its layers', () => {
    for (const base of bases) {
      expect(toHex(messageOf(base)), base.name).toBe(toHex(base.message))
      expect(readHc1Layers(fromParts(base)), base.name).not.toBeNull()
    }
  })
})

describe('a signature made over by somebody without a key', () => {
  it('is the same certificate still: the second one that every ES256 signature has', () => {
    for (const base of bases.filter(({ signature }) => signature.length === 64)) {
      const verdict = judge(fromParts({ ...base, signature: twinOf(base.signature) }), base, bench)
      expect(verdict, base.name).toEqual({ kind: 'verified', as: 'the same certificate, n − s for s' })
    }
  })

  it('is no signature: PS256 without the zero that it begins with', () => {
    const base = named('own: PS256, signature with a leading zero')
    expect(base.signature[0]).toBe(0)
    const verdict = judge(fromParts({ ...base, signature: base.signature.subarray(1) }), base, bench)
    expect(verdict).toEqual({ kind: 'refused', reason: 'bad-signature' })
  })
})

describe('the fuzzing of certificates would catch a family that', () => {
  const base = named('own: headers protected')
  const alone = makeCorpus({ ...corpus, bases: [base], mutations: HC1_MUTATIONS, originals: [base.bytes] })
  const original = shownAs(base.bytes, base) ?? expect.fail('the certificate itself is refused')
  const finds = (verifying: Parameters<typeof withPlanted>[1]) => () =>
    fuzzRange(fuzzBench(alone, withPlanted('hc1', verifying)), { seed: 2, from: 0, count: 2000 }, noFigures())
  const finding = expect.objectContaining({ code: 'fuzz-finding' })

  it('admits everything', () => {
    expect(finds(() => ({ ok: true, presentation: original }))).toThrow(finding)
  })

  it('throws', () => {
    expect(
      finds((bytes, context) => {
        if (bytes.length % 7 === 0) throw new RangeError('offset is out of bounds')
        return reallyVerified(bytes, context)
      }),
    ).toThrow(finding)
  })

  it('does not look at the signature', () => {
    const claimsAlone = finds(bytes => {
      const parts = readHc1Layers(bytes)
      return parts !== null && toHex(parts.payload) === toHex(base.payload)
        ? { ok: true, presentation: original }
        : { ok: false, reason: 'bad-signature', presentation: null }
    })
    expect(claimsAlone).toThrow(finding)
  })

  it('takes its id from the text, so that replay misses a certificate wrapped otherwise', () => {
    const forgetful = finds((bytes, context) => {
      const verification = reallyVerified(bytes, context)
      if (!verification.ok) return verification
      const credentialId = sha256(bytes).subarray(0, 16)
      return { ok: true, presentation: { ...verification.presentation, credentialId, otherIds: [] } }
    })
    expect(forgetful).toThrow(finding)
  })

  it('forgets that a signature has a twin', () => {
    const planted = withPlanted('hc1', (bytes, context) => {
      const verification = reallyVerified(bytes, context)
      return verification.ok ? { ok: true, presentation: { ...verification.presentation, otherIds: [] } } : verification
    })
    const forgetful = { ...fuzzBench(alone, planted), shown: marksLeftBy(alone, planted) }
    expect(() => fuzzRange(forgetful, { seed: 2, from: 0, count: 2000 }, noFigures())).toThrow(/signature: /)
  })

  it('names another country than the one that was signed', () => {
    const travelling = finds((bytes, context) => {
      const verification = reallyVerified(bytes, context)
      return verification.ok ? { ok: true, presentation: { ...verification.presentation, issuer: 'YY' } } : verification
    })
    expect(travelling).toThrow(finding)
  })
})
