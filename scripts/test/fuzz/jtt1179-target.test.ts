import { type Presentation, recognise, showingTag, toHex, type Verification, verify } from '@ankang/protocol'
import { describe, expect, it } from 'vitest'
import { everyBitFlipped } from '../../../protocol/test/equal-bytes.ts'
import { type FuzzBase, makeCorpus } from '../../fuzz/fuzz-corpus.ts'
import { fuzzBench, fuzzRange, judge, noFigures } from '../../fuzz/fuzz-run.ts'
import { ownRideCodes, STRANGER } from '../../fuzz/jtt1179-codes.ts'
import { fieldOf, RIDE_FIELD_NAMES, RIDE_FIELDS, uintBytes, withField } from '../../fuzz/jtt1179-fields.ts'
import { RIDE_MUTATIONS } from '../../fuzz/jtt1179-mutations.ts'
import { signAccount, signIssuer } from '../../fuzz/jtt1179-signing.ts'
import { jtt1179Target } from '../../fuzz/jtt1179-target.ts'
import { seededRandom } from '../../fuzz/seeded-random.ts'
import { reallyVerified, withPlanted } from './planted-family.ts'

const corpus = jtt1179Target.readCorpus(null)
const bench = fuzzBench(corpus)
const [policy] = corpus.policies
const own = ownRideCodes()

function codeWith(version: number, customBytes: number) {
  const code = own.find(({ bytes }) => bytes[0] === version && bytes[197] === customBytes)
  return code ?? expect.fail(`no code of version ${version} with ${customBytes} bytes of custom field`)
}

function shownAs(bytes: Uint8Array, { trust, now }: FuzzBase): Presentation | null {
  if (policy === undefined) expect.fail('no policy')
  const recognition = recognise({ bytes }, bench.families)
  if (!recognition.ok) return null
  const verification = verify(recognition.claimed, { trust, now, policy, site: null, challenge: null })
  return verification.ok ? verification.presentation : null
}

describe('fuzzing of ride codes', () => {
  it('finds no way in with 3,000 damaged codes, by any mutation, with SM2 as it is', () => {
    const figures = noFigures()
    fuzzRange(bench, { seed: 1, from: 0, count: 3000 }, figures)
    expect(figures.inputs + figures.unchanged).toBe(3000)
    expect(Object.keys(figures.byMutation).sort()).toEqual(Object.keys(RIDE_MUTATIONS).sort())
    for (const reason of ['malformed', 'unknown-root', 'bad-certificate', 'bad-signature', 'proof-bad', 'proof-future'])
      expect(figures.refusedBy[reason], reason).toBeGreaterThan(20)
    expect(Object.keys(figures.verifiedAs).sort()).toEqual([
      'another showing by its own phone',
      'issued so by its issuer',
      'the same code, its unsigned tag changed',
      'the same showing, signed again',
    ])
  })

  it('starts from the published codes that are admitted, and from own ones in both versions and all lengths', () => {
    expect(corpus.bases).toHaveLength(7 + 20)
    for (const base of corpus.bases) expect(shownAs(base.bytes, base), base.name).not.toBeNull()
    expect(new Set(own.map(({ bytes }) => `${bytes[0]} ${bytes[197]}`)).size).toBe(10)
    expect(ownRideCodes().map(({ bytes }) => toHex(bytes))).toEqual(own.map(({ bytes }) => toHex(bytes)))
  })
})

describe('a valid ride code', () => {
  for (const [version, customBytes] of [
    [0x80, 0],
    [0x81, 7],
  ] as const)
    it(`0x${version.toString(16)}, custom field of ${customBytes}: has one byte that nobody signed, and is the same code with any other there`, () => {
      const code = codeWith(version, customBytes)
      const original = shownAs(code.bytes, code) ?? expect.fail('the code itself is refused')
      const survivors = new Set<number>()
      for (const [bit, bytes] of everyBitFlipped(code.bytes)) {
        const shown = shownAs(bytes, code)
        if (shown === null) continue
        survivors.add(bit)
        expect(toHex(showingTag(shown)), `bit ${bit}`).toBe(toHex(showingTag(original)))
      }
      const tagBit = (267 + customBytes) * 8
      expect([...survivors]).toEqual(Array.from({ length: 8 }, (_, bit) => tagBit + bit))
    })

  it('is refused at every size from nothing to 400 bytes but its own', () => {
    const code = codeWith(0x81, 7)
    for (let size = 0; size <= 400; size++) {
      const cut = new Uint8Array(size)
      cut.set(code.bytes.subarray(0, size))
      for (const bytes of [cut, size < 3 ? cut : withField(cut, RIDE_FIELDS.length, uintBytes(size - 3, 2))])
        expect(shownAs(bytes, code) === null, `${size} bytes`).toBe(size !== code.bytes.length)
    }
  })

  it('has its fields where the layout of the fuzzing says: one after the other, with nothing between', () => {
    for (const { bytes, name } of own) {
      const places = RIDE_FIELD_NAMES.map(field => fieldOf(bytes, RIDE_FIELDS[field]))
      let at = bytes.byteOffset
      for (const place of places) {
        expect(place.byteOffset, name).toBe(at)
        at += place.length
      }
      expect(at - bytes.byteOffset, name).toBe(bytes.length)
    }
  })

  it('is not of an issuer that another one’s key stands for, nor of a phone that another’s key stands for', () => {
    const code = codeWith(0x80, 0)
    const other = own.find(({ issuer }) => issuer !== code.issuer) ?? expect.fail('one issuer only')
    const posing = withField(code.bytes, RIDE_FIELDS.issuer, fieldOf(other.bytes, RIDE_FIELDS.issuer))
    const posed = signAccount(signIssuer(posing, code.issuer), code.phone)
    expect(judge(posed, code, bench)).toEqual({ kind: 'refused', reason: 'bad-certificate' })
    const stolen = signAccount(code.bytes, STRANGER)
    expect(judge(stolen, code, bench)).toEqual({ kind: 'refused', reason: 'proof-bad' })
  })
})

describe('the fuzzing of ride codes would catch a family that', () => {
  const finds = (verifying: (bytes: Uint8Array, really: () => Verification, base: FuzzBase) => Verification) => {
    const code = codeWith(0x80, 7)
    const alone = makeCorpus({ ...corpus, bases: [code], mutations: RIDE_MUTATIONS, originals: [code.bytes] })
    const planted = withPlanted('jtt1179', (bytes, context) =>
      verifying(bytes, () => reallyVerified(bytes, context), code),
    )
    return () => fuzzRange(fuzzBench(alone, planted), { seed: 2, from: 0, count: 2000 }, noFigures())
  }
  it('admits everything', () => {
    const everything = finds((_, __, base) => ({ ok: true, presentation: shownAs(base.bytes, base) ?? expect.fail() }))
    expect(everything).toThrow(expect.objectContaining({ code: 'fuzz-finding' }))
  })

  it('throws', () => {
    expect(
      finds(bytes => {
        if (bytes.length === 333) throw new RangeError('offset is out of bounds')
        return { ok: false, reason: 'malformed', presentation: null }
      }),
    ).toThrow(/seed 2, index \d+/)
  })

  for (const field of ['platform', 'issuer key', 'ride limit', 'custom', 'generated at'] as const)
    it(`does not look at the ${field}`, () => {
      const blind = finds((bytes, _, base) => {
        if (bytes.length !== base.bytes.length) return { ok: false, reason: 'malformed', presentation: null }
        const mended = withField(bytes, RIDE_FIELDS[field], fieldOf(base.bytes, RIDE_FIELDS[field]))
        const presentation = shownAs(mended, base)
        return presentation === null ? { ok: false, reason: 'bad-signature', presentation } : { ok: true, presentation }
      })
      expect(blind).toThrow(expect.objectContaining({ code: 'fuzz-finding' }))
    })

  it('takes its id from a byte that nobody signed, so that replay misses it', () => {
    const forgetful = finds((bytes, really) => {
      const verification = really()
      if (!verification.ok) return verification
      const tag = fieldOf(bytes, RIDE_FIELDS['account tag'])
      return { ok: true, presentation: { ...verification.presentation, credentialId: tag } }
    })
    expect(forgetful).toThrow(expect.objectContaining({ code: 'fuzz-finding' }))
  })
})

describe('what is made to damage ride codes', () => {
  it('is the same for the same seed and index, signatures included', () => {
    const draw = () => Array.from({ length: 200 }, (_, index) => toHex(corpus.draw(seededRandom(7, index)).bytes))
    expect(draw()).toEqual(draw())
  })
})
