import { catalogue, parsePolicy, rideCodeLength, type Trust, toHex, type Verification, verify } from '@ankang/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GOOD_RIDE, RIDE_NOW, type RideCodeOrder, rideCode, rideTrust } from '../ride-world.ts'

const POLICY = {
  scene: 'checkpoint',
  families: ['jtt1179'],
  kinds: ['person'],
  colours: ['green'],
  paper: false,
  proofWindowSeconds: 60,
  futureSkewSeconds: 20,
  replaySeconds: 300,
}

const jtt1179 = catalogue.families.find(({ name }) => name === 'jtt1179') ?? expect.fail('not in this build')

interface Question {
  readonly trust?: Trust
  readonly now?: number
  readonly rideWindowSeconds?: number
}

const TRUST = rideTrust()

function check(bytes: Uint8Array, { trust = TRUST, now = RIDE_NOW, rideWindowSeconds }: Question = {}): Verification {
  const decoded = jtt1179.decode(bytes)
  if (!decoded.ok) return { ok: false, reason: 'malformed', presentation: null }
  const policy = parsePolicy(
    { ...POLICY, ...(rideWindowSeconds === undefined ? {} : { rideWindowSeconds }) },
    catalogue,
  )
  return verify(decoded.value, { trust, policy, now, site: 'line-8', challenge: null })
}

const reasonOf = (verification: Verification): string => (verification.ok ? 'ok' : verification.reason)
const reasonWith = (changes: Partial<RideCodeOrder>, question?: Question): string =>
  reasonOf(check(rideCode(changes), question))

describe('a ride code', () => {
  it('is believed when root, certificate, issuer and account have all signed, in both regimes', () => {
    for (const version of ['interoperable', 'local'] as const) {
      for (const customBytes of [0, 1, 31, 32]) {
        const verification = check(rideCode({ version, customBytes }))
        expect(verification).toMatchObject({
          ok: true,
          presentation: {
            family: 'jtt1179',
            issuer: '02002900',
            kind: 'person',
            carrier: 'phone',
            shownAt: GOOD_RIDE.generatedAt,
            account: { type: 'ordinary', singleRideLimitFen: 1000 },
            health: null,
          },
        })
        if (verification.ok) expect(toHex(verification.presentation.credentialId)).toBe('00000000000000000001')
      }
    }
  })

  it('names its account type, and calls what the scheme has not given out other', () => {
    for (const accountType of ['ordinary', 'student', 'senior', 'test', 'soldier', 'other'] as const) {
      const verification = check(rideCode({ accountType }))
      expect(verification.presentation?.account?.type).toBe(accountType)
    }
  })

  it('is refused by the first row that fails, although every later one fails too', () => {
    const rows: readonly (readonly [string, Partial<RideCodeOrder>])[] = [
      ['unknown-root', { rootIndex: 9 }],
      ['issuer-expired', { certificateExpires: { month: 1, year: 2026 } }],
      ['bad-certificate', { certifiedBy: 'stranger' }],
      ['bad-signature', { issuedBy: 'stranger' }],
      ['expired', { authorisedUntil: RIDE_NOW }],
      ['proof-bad', { shownBy: 'stranger' }],
      ['proof-future', { generatedAt: RIDE_NOW + 21 }],
    ]
    for (const [place, [reason, change]] of rows.entries()) {
      expect(reasonWith(change)).toBe(reason)
      const allLater = Object.assign({}, ...rows.slice(place).map(([, later]) => later))
      expect(reasonWith(allLater)).toBe(reason)
    }
  })

  it('tells nothing of its holder before the issuer’s signature has verified', () => {
    for (const change of [{ rootIndex: 9 }, { certifiedBy: 'stranger' }, { issuedBy: 'stranger' }])
      expect(check(rideCode(change)).presentation).toBeNull()
    expect(check(rideCode({ shownBy: 'stranger' })).presentation).not.toBeNull()
  })

  it('lasts through the last second of its certificate’s month, in China', () => {
    const expires = { month: 5, year: 2026 }
    const over = Date.UTC(2026, 5, 1) / 1000 - 8 * 3600
    const at = (now: number) =>
      reasonWith({ certificateExpires: expires, generatedAt: now, authorisedUntil: now + 60 }, { now })
    expect(at(over - 1)).toBe('ok')
    expect(at(over)).toBe('issuer-expired')
  })

  it('is fresh for the shorter of its own validity and the policy’s window', () => {
    const shown = { generatedAt: RIDE_NOW - 60, validitySeconds: 60 }
    expect(reasonWith(shown)).toBe('ok')
    expect(reasonWith({ ...shown, generatedAt: RIDE_NOW - 61 })).toBe('proof-stale')
    expect(reasonWith({ ...shown, validitySeconds: 300 }, { rideWindowSeconds: 59 })).toBe('proof-stale')
    expect(reasonWith({ ...shown, validitySeconds: 300 }, { rideWindowSeconds: 60 })).toBe('ok')
    expect(reasonWith({ validitySeconds: 1200 })).toBe('ok')
    expect(reasonWith({ validitySeconds: 1201 })).toBe('malformed')
  })

  it('is refused where its certificate does not stand for its issuer', () => {
    const paired = (issuers: string[]) => rideTrust({ rideIssuers: [{ certificate: '02002900', issuers }] })
    expect(reasonWith({}, { trust: paired(['02002900']) })).toBe('ok')
    expect(reasonWith({}, { trust: paired(['31047700']) })).toBe('bad-certificate')
    expect(reasonWith({ certificateIssuer: '31047700' }, { trust: paired(['02002900']) })).toBe('bad-certificate')
  })

  it('is refused by the deny list, by family, issuer and card account', () => {
    const id = '00000000000000000001'
    const denying = (entry: object) => rideTrust({ denied: [{ family: 'jtt1179', issuer: '02002900', id, ...entry }] })
    expect(reasonWith({}, { trust: denying({}) })).toBe('denied-credential')
    expect(reasonWith({}, { trust: denying({ issuer: '31047700' }) })).toBe('ok')
    expect(reasonWith({}, { trust: denying({ family: 'ak1' }) })).toBe('ok')
    const abroad = { issuer: '0200ab00', certificateIssuer: '0200ab00' }
    expect(reasonWith(abroad, { trust: denying({ issuer: '0200AB00' }) })).toBe('denied-credential')
  })
})

describe('the memory of certificates', () => {
  it('does not outlive the trust it was made under', () => {
    const code = rideCode()
    expect(reasonOf(check(code, { trust: rideTrust() }))).toBe('ok')
    expect(reasonOf(check(code, { trust: rideTrust({ roots: [] }) }))).toBe('unknown-root')
  })

  it('is by all bytes and by regime: a known certificate vouches for nothing but itself', () => {
    const trust = rideTrust()
    const code = rideCode()
    expect(reasonOf(check(code, { trust }))).toBe('ok')
    for (let place = 9; place < 120; place += 7) {
      const changed = Uint8Array.from(code)
      changed[place] = (changed[place] ?? 0) ^ 1
      expect(check(changed, { trust }).ok).toBe(false)
    }
    expect(
      reasonOf(
        check(
          Uint8Array.from(code, (byte, at) => (at === 0 ? 0x81 : byte)),
          { trust },
        ),
      ),
    ).toBe('bad-certificate')
  })

  it('still asks whether the month is over', () => {
    const trust = rideTrust()
    const code = rideCode({ certificateExpires: { month: 5, year: 2026 } })
    expect(reasonOf(check(code, { trust, now: Date.UTC(2026, 4, 20) / 1000 }))).not.toBe('issuer-expired')
    expect(reasonOf(check(code, { trust, now: Date.UTC(2026, 5, 2) / 1000 }))).toBe('issuer-expired')
  })

  it('takes more certificates than it keeps, one after the other and again', () => {
    const trust = rideTrust()
    for (let number = 0; number < 70; number++) {
      const certificateIssuer = String(number).padStart(8, '0')
      expect(reasonWith({ certificateIssuer }, { trust })).toBe('ok')
    }
    expect(reasonWith({}, { trust })).toBe('ok')
  })
})

describe('damage to a ride code', () => {
  const code = rideCode({ customBytes: 5 })
  /** The account signature covers everything before it but its own tag, and nothing reads that. */
  const unsignedTag = code.length - 65

  it('is found in every byte but one, and that one changes nothing', () => {
    for (const place of code.keys()) {
      const changed = Uint8Array.from(code)
      changed[place] = (changed[place] ?? 0) ^ 0x10
      const verification = check(changed)
      expect(verification.ok, `byte ${place}`).toBe(place === unsignedTag)
    }
  }, 60_000)

  it('by truncation or growth is malformed', () => {
    for (const length of [0, 1, 2, 3, 119, 120, 197, 198, code.length - 1])
      expect(reasonOf(check(code.subarray(0, length)))).toBe('malformed')
    expect(reasonOf(check(Uint8Array.from([...code, 0])))).toBe('malformed')
  })

  it('never makes anything throw', () => {
    const damaged = fc.uint8Array({ maxLength: 400 }).map(bytes => Uint8Array.from([0x80, 0x01, 0x49, ...bytes]))
    fc.assert(
      fc.property(damaged, bytes => {
        expect(check(bytes).ok).toBe(false)
      }),
    )
  })
})

describe('the length that a ride code declares', () => {
  it('is known from its first three bytes', () => {
    for (const customBytes of [0, 17, 32]) {
      const code = rideCode({ customBytes })
      expect(rideCodeLength(code.subarray(0, 3))).toBe(code.length)
      expect(rideCodeLength(code.subarray(0, 2))).toBeNull()
    }
  })

  it('is nobody’s when it is none that a ride code can have', () => {
    for (const head of [
      [0x80, 1, 0x48],
      [0x80, 1, 0x6a],
      [0x82, 1, 0x49],
      [0x41, 0x4b, 0x31],
      [0x80, 0xff, 0xff],
    ])
      expect(rideCodeLength(Uint8Array.from(head))).toBeNull()
  })
})
