import { X509Certificate } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { decodeEnrolmentCode, type EnrolmentRefusal, enrolmentPin, sha256, toHex, utf8 } from '@ankang/protocol'
import { describe, expect, it } from 'vitest'
import { ENROLMENT_LIMITS } from '../../src/identity/attempt-limits.ts'
import type { EnrolmentOutcome } from '../../src/identity/enrolment-outcome.ts'
import { revokeDevice } from '../../src/identity/revoke-device.ts'
import { certificateRequest, EnrollingBox, lineKey } from '../fixtures/enrolling-box.ts'
import { type EnrolmentStand, enrolmentStand, TRUST } from '../fixtures/enrolment-stand.ts'

const HERE = '192.0.2.1'
const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

const reasonOf = (outcome: EnrolmentOutcome): EnrolmentRefusal | 'ok' => (outcome.ok ? 'ok' : outcome.reason)

function certificateOf(outcome: EnrolmentOutcome): X509Certificate {
  if (!outcome.ok) throw new RangeError(outcome.detail)
  return new X509Certificate(outcome.answer.certificate)
}

async function enrolledBox(stand: EnrolmentStand, box?: EnrollingBox): Promise<EnrollingBox> {
  const one = box ?? (await EnrollingBox.make())
  const { site, device } = one
  const outcome = await stand.desk.redeem(
    await one.request(await stand.code({ site, device, replace: box !== undefined })),
    HERE,
  )
  expect(reasonOf(outcome)).toBe('ok')
  return one
}

describe('an enrolment code', () => {
  it('pins the authority and the trust file as they are, and is kept only as a hash', async () => {
    const stand = await enrolmentStand()
    const outcome = await stand.desk.createCode({ site: 'hall', device: 'hall-door-1', createdBy: 'wang' })
    if (!outcome.ok) throw new RangeError(outcome.detail)
    const { typed, qr, expiresMs } = outcome.code
    const read = decodeEnrolmentCode(qr)
    expect(read).toEqual(decodeEnrolmentCode(typed))
    if (!read.ok) throw new RangeError(read.detail)
    expect(toHex(read.value.pin)).toBe(toHex(enrolmentPin(stand.authority.certificateDer, utf8(TRUST))))
    expect(expiresMs).toBe(stand.clock.nowMs + 60 * MINUTE_MS)
    const [kept] = stand.desk.listCodes()
    expect(toHex(kept?.secretHash ?? new Uint8Array(0))).toBe(toHex(sha256(read.value.secret)))
    expect(JSON.stringify(stand.audited())).not.toContain(toHex(read.value.secret))
    expect(stand.audited()).toMatchObject([
      {
        actor: 'wang',
        action: 'enrolment-code.create',
        subject: 'hall-door-1',
        purpose: null,
        ok: true,
        detail: { site: 'hall', minutes: 60 },
      },
    ])
  })

  it('shows another pin once the trust file is another', async () => {
    const stand = await enrolmentStand()
    const before = decodeEnrolmentCode(await stand.code())
    writeFileSync(stand.trustFile, '{}')
    const after = decodeEnrolmentCode(await stand.code())
    expect(before.ok && after.ok && toHex(before.value.pin) !== toHex(after.value.pin)).toBe(true)
    expect(await stand.desk.anchors(HERE)).toEqual({ ca: stand.authority.certificatePem, trust: '{}' })
  })

  it('is not made for ids and times that cannot be, nor for a device of another site', async () => {
    const stand = await enrolmentStand()
    for (const wish of [{ device: 'Door' }, { site: 'trust' }, { minutes: 0 }, { minutes: 10_081 }, { minutes: 1.5 }])
      await expect(stand.code(wish)).rejects.toMatchObject({ code: 'enrolment-invalid' })
    await enrolledBox(stand)
    const elsewhere = await stand.desk.createCode({ site: 'park', device: 'hall-door-1', createdBy: 'wang' })
    expect(elsewhere).toMatchObject({ ok: false, error: 'device-elsewhere' })
  })

  it('is refused a trust file that is not there or is no text', async () => {
    const stand = await enrolmentStand()
    writeFileSync(stand.trustFile, Uint8Array.of(0xff, 0xfe))
    await expect(stand.code()).rejects.toMatchObject({ code: 'trust-unreadable' })
    await expect(stand.desk.anchors(HERE)).rejects.toMatchObject({ code: 'trust-unreadable' })
  })

  it('withdraws the open one of the same device, and can be withdrawn by hand', async () => {
    const stand = await enrolmentStand()
    const box = await EnrollingBox.make()
    const first = await stand.code()
    const second = await stand.code()
    expect(reasonOf(await stand.desk.redeem(await box.request(first), HERE))).toBe('code-unknown')
    expect(stand.desk.withdrawCode('hall-door-1', 'wang')).toBe(true)
    expect(stand.desk.withdrawCode('hall-door-1', 'wang')).toBe(false)
    expect(reasonOf(await stand.desk.redeem(await box.request(second), HERE))).toBe('code-unknown')
    expect(stand.audited().map(({ action }) => action)).toContain('enrolment-code.withdraw')
  })
})

describe('a box with a code', () => {
  it('gets a certificate for its line key under the name the code was made for, and is known from then on', async () => {
    const stand = await enrolmentStand()
    const box = await EnrollingBox.make()
    const outcome = await stand.desk.redeem(await box.request(await stand.code()), HERE)
    const certificate = certificateOf(outcome)
    expect(certificate.subject).toBe('O=hall\nCN=hall-door-1')
    expect(certificate.checkIssued(new X509Certificate(stand.authority.certificatePem))).toBe(true)
    expect(outcome.ok && outcome.answer.ca).toBe(stand.authority.certificatePem)
    expect(outcome.ok && outcome.answer.notAfter * 1000).toBe(Date.parse(certificate.validTo))
    const fingerprint = Buffer.from(certificate.fingerprint256.replace(/:/g, ''), 'hex')
    expect(stand.registry.admit(fingerprint)).toMatchObject({
      ok: true,
      device: { device: 'hall-door-1', site: 'hall' },
    })
    expect(toHex(stand.registry.find('hall-door-1')?.publicKey ?? new Uint8Array(0))).toBe(toHex(box.publicKey))
    expect(stand.audited().at(-1)).toMatchObject({ actor: 'device:hall-door-1', action: 'device.enrol', ok: true })
  })

  it('that takes the place of another is told of with the key it replaces, in the audit log', async () => {
    const stand = await enrolmentStand()
    const first = await EnrollingBox.make()
    await stand.desk.redeem(await first.request(await stand.code()), HERE)
    expect(stand.audited().at(-1)?.detail).not.toHaveProperty('replaced')
    await stand.desk.redeem(await (await EnrollingBox.make()).request(await stand.code({ replace: true })), HERE)
    expect(stand.audited().at(-1)).toMatchObject({
      action: 'device.enrol',
      detail: { replaced: toHex(first.publicKey) },
    })
  })

  it('is taken once, and until the code runs out', async () => {
    const stand = await enrolmentStand()
    const used = await stand.code()
    await stand.desk.redeem(await (await EnrollingBox.make()).request(used), HERE)
    expect(reasonOf(await stand.desk.redeem(await (await EnrollingBox.make()).request(used), HERE))).toBe('code-used')
    const late = await stand.code({ device: 'hall-door-2', minutes: 5 })
    stand.clock.nowMs += 5 * MINUTE_MS
    const other = await EnrollingBox.make({ device: 'hall-door-2' })
    expect(reasonOf(await stand.desk.redeem(await other.request(late), HERE))).toBe('code-expired')
    expect(stand.registry.find('hall-door-2')).toBeNull()
  })

  it('is taken in the last moment before it runs out', async () => {
    const stand = await enrolmentStand()
    const code = await stand.code({ minutes: 5 })
    stand.clock.nowMs += 5 * MINUTE_MS - 1
    expect(reasonOf(await stand.desk.redeem(await (await EnrollingBox.make()).request(code), HERE))).toBe('ok')
  })

  it.each([
    ['of another device', { device: 'hall-door-2' }],
    ['of another site', { site: 'park' }],
  ])('%s is refused, and the code stays good for its own', async (_, change) => {
    const stand = await enrolmentStand()
    const code = await stand.code()
    const other = await EnrollingBox.make(change)
    expect(reasonOf(await stand.desk.redeem(await other.request(code), HERE))).toBe('code-of-another-device')
    expect(reasonOf(await stand.desk.redeem(await (await EnrollingBox.make()).request(code), HERE))).toBe('ok')
  })

  it('is refused what its keys have not signed, and may try again with the same code', async () => {
    const stand = await enrolmentStand()
    const code = await stand.code()
    const box = await EnrollingBox.make()
    const stranger = await EnrollingBox.make()
    const refused: readonly [EnrolmentRefusal, object][] = [
      ['csr-invalid', { csr: '-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n' }],
      ['csr-invalid', { csr: await certificateRequest(await lineKey('RSA')) }],
      ['countersignature-bad', { csr: await certificateRequest(await lineKey()) }],
      ['countersignature-bad', { publicKey: toHex(stranger.publicKey) }],
      ['countersignature-bad', { countersignature: '00'.repeat(64) }],
      ['countersignature-bad', { issuedAt: 1 }],
      ['countersignature-bad', { publicKey: 'ff'.repeat(32) }],
    ]
    for (const [reason, change] of refused)
      expect(reasonOf(await stand.desk.redeem(await box.request(code, change), HERE))).toBe(reason)
    expect(stand.refusals.counts()).toEqual({ 'csr-invalid': 2, 'countersignature-bad': 5 })
    const audited = stand.audited().filter(({ action }) => action === 'device.enrol')
    expect(audited.map(({ ok, detail }) => [ok, detail['reason']])).toEqual(refused.map(([reason]) => [false, reason]))
    expect(reasonOf(await stand.desk.redeem(await box.request(code), HERE))).toBe('ok')
  })

  it.each([0, 4_000_000_000])('may have a clock that stands at %d', async issuedAt => {
    const stand = await enrolmentStand()
    const box = await EnrollingBox.make({ issuedAt })
    expect(reasonOf(await stand.desk.redeem(await box.request(await stand.code()), HERE))).toBe('ok')
  })

  it('that comes twice at once is taken once', async () => {
    const stand = await enrolmentStand()
    const code = await stand.code()
    const requests = await Promise.all(Array.from({ length: 5 }, async () => (await EnrollingBox.make()).request(code)))
    const outcomes = await Promise.all(requests.map(request => stand.desk.redeem(request, HERE)))
    expect(outcomes.map(reasonOf).sort()).toEqual(['code-used', 'code-used', 'code-used', 'code-used', 'ok'])
    expect(stand.registry.certificatesOf('hall-door-1')).toHaveLength(1)
  })

  it('replaces its earlier key by a new one, and cuts the line of the earlier', async () => {
    const stand = await enrolmentStand()
    const box = await enrolledBox(stand)
    const cut: string[] = []
    stand.registry.onCut(device => cut.push(device))
    const before = stand.registry.certificatesOf('hall-door-1')[0]
    stand.clock.nowMs += DAY_MS
    await enrolledBox(stand, await box.rekey())
    expect(cut).toEqual(['hall-door-1'])
    expect(stand.registry.admit(before?.fingerprint ?? new Uint8Array(32))).toEqual({
      ok: false,
      reason: 'certificate-revoked',
    })
    expect(stand.registry.keysOf('hall-door-1').map(({ endReason }) => endReason)).toEqual([null, 'replaced'])
  })

  it('is refused a key that another device has, or that it gave up itself', async () => {
    const stand = await enrolmentStand()
    const box = await enrolledBox(stand)
    const { deviceKey } = box
    const twin = await EnrollingBox.make({ device: 'hall-door-2', deviceKey })
    const code = await stand.code({ device: 'hall-door-2' })
    expect(reasonOf(await stand.desk.redeem(await twin.request(code), HERE))).toBe('wrong-key')
    await enrolledBox(stand, await box.rekey())
    box.deviceKey = deviceKey
    expect(reasonOf(await stand.desk.redeem(await box.request(await stand.code({ replace: true })), HERE))).toBe(
      'wrong-key',
    )
  })
})

describe('a revoked device', () => {
  async function revokedBox() {
    const stand = await enrolmentStand()
    const box = await enrolledBox(stand)
    const open = await stand.code({ replace: true })
    const revoked = revokeDevice(stand, { device: 'hall-door-1', reason: '被盗 stolen', actor: 'zhao' })
    expect(revoked.ok).toBe(true)
    return { stand, box, open }
  }

  it('is audited with the reason, once, and its open code is gone', async () => {
    const { stand, box, open } = await revokedBox()
    expect(stand.audited().at(-1)).toMatchObject({ actor: 'zhao', action: 'device.revoke', purpose: '被盗 stolen' })
    const again = revokeDevice(stand, { device: 'hall-door-1', reason: 'again', actor: 'zhao' })
    expect(again).toMatchObject({ ok: false, error: 'device-revoked' })
    expect(revokeDevice(stand, { device: 'nobody', reason: 'gone', actor: 'zhao' })).toMatchObject({
      ok: false,
      error: 'device-unknown',
    })
    expect(stand.registry.find('hall-door-1')?.revoked?.reason).toBe('被盗 stolen')
    await box.rekey()
    expect(reasonOf(await stand.desk.redeem(await box.request(open), HERE))).toBe('code-unknown')
  })

  it('comes back with a fresh code and new keys only: neither of the old ones lives again', async () => {
    const { stand, box } = await revokedBox()
    const { deviceKey, line } = box
    const code = await stand.code()
    expect(reasonOf(await stand.desk.redeem(await box.request(code), HERE))).toBe('device-revoked')
    await box.rekey()
    box.line = line
    expect(reasonOf(await stand.desk.redeem(await box.request(code), HERE))).toBe('device-revoked')
    await box.rekey()
    expect(reasonOf(await stand.desk.redeem(await box.request(code), HERE))).toBe('ok')
    expect(stand.registry.find('hall-door-1')?.revoked).toBeNull()
    const thief = await EnrollingBox.make({ deviceKey, line })
    expect(reasonOf(await stand.desk.redeem(await thief.request(await stand.code({ replace: true })), HERE))).toBe(
      'device-revoked',
    )
    expect(reasonOf(await stand.desk.renew(await thief.renewal(), HERE))).toBe('wrong-key')
  })

  it('gets no further certificate', async () => {
    const { stand, box } = await revokedBox()
    expect(reasonOf(await stand.desk.renew(await box.renewal(), HERE))).toBe('device-revoked')
  })
})

describe('a renewal', () => {
  it('answers the present certificate while it is young, and a new one later, the old one staying good', async () => {
    const stand = await enrolmentStand()
    const box = await enrolledBox(stand)
    const [first] = stand.registry.certificatesOf('hall-door-1')
    stand.clock.nowMs += 29 * DAY_MS
    const young = await stand.desk.renew(await box.renewal(), HERE)
    expect(young.ok && young.answer.certificate).toBe(first?.pem)
    stand.clock.nowMs += 2 * DAY_MS
    const later = certificateOf(await stand.desk.renew(await box.renewal(), HERE))
    expect(later.serialNumber.toLowerCase()).not.toBe(first?.serial)
    expect(stand.registry.admit(first?.fingerprint ?? new Uint8Array(32)).ok).toBe(true)
    stand.clock.nowMs += 60 * DAY_MS
    expect(stand.registry.admit(first?.fingerprint ?? new Uint8Array(32))).toEqual({
      ok: false,
      reason: 'certificate-expired',
    })
    expect(stand.registry.admit(Buffer.from(later.fingerprint256.replace(/:/g, ''), 'hex')).ok).toBe(true)
    expect(stand.audited().filter(({ action, ok }) => action === 'device.renew' && ok)).toHaveLength(1)
  })

  it('is given after the certificate has run out as well', async () => {
    const stand = await enrolmentStand()
    const box = await enrolledBox(stand)
    stand.clock.nowMs += 400 * DAY_MS
    expect(reasonOf(await stand.desk.renew(await box.renewal(), HERE))).toBe('ok')
  })

  it('may bring a new line key, but not as many as it likes', async () => {
    const stand = await enrolmentStand()
    const box = await enrolledBox(stand)
    const reasons: string[] = []
    for (let turn = 0; turn <= ENROLMENT_LIMITS.certificates.burst; turn++) {
      box.line = await lineKey()
      reasons.push(reasonOf(await stand.desk.renew(await box.renewal(), HERE)))
    }
    expect(reasons).toEqual([...Array(ENROLMENT_LIMITS.certificates.burst).fill('ok'), 'too-many-tries'])
    expect(stand.registry.certificatesOf('hall-door-1')).toHaveLength(1 + ENROLMENT_LIMITS.certificates.burst)
  })

  it('is refused to strangers, under another key, for another device, and without the device key', async () => {
    const stand = await enrolmentStand()
    const box = await enrolledBox(stand)
    const stranger = await EnrollingBox.make()
    const csr = await certificateRequest(await lineKey())
    const tries: readonly [EnrolmentRefusal, Promise<Parameters<typeof stand.desk.renew>[0]>][] = [
      ['device-unknown', (await EnrollingBox.make({ device: 'hall-door-9' })).renewal()],
      ['device-unknown', (await EnrollingBox.make({ deviceKey: box.deviceKey, site: 'park' })).renewal()],
      ['wrong-key', stranger.renewal()],
      ['countersignature-bad', stranger.renewal({ publicKey: toHex(box.publicKey) })],
      ['countersignature-bad', box.renewal({ csr })],
      ['csr-invalid', box.renewal({ csr: csr.replace(/[A-Za-z]/, 'z') })],
    ]
    for (const [reason, request] of tries) expect(reasonOf(await stand.desk.renew(await request, HERE))).toBe(reason)
    expect(stand.registry.certificatesOf('hall-door-1')).toHaveLength(1)
  })
})

describe('whoever guesses', () => {
  it('is stopped after a dozen codes, is let in again in time, and stops nobody else', async () => {
    const stand = await enrolmentStand()
    const code = await stand.code()
    const box = await EnrollingBox.make()
    const guess = await box.request(code, { secret: '00'.repeat(16) })
    const reasons: string[] = []
    while (reasons.at(-1) !== 'too-many-tries') {
      expect(reasons.length).toBeLessThan(20)
      reasons.push(reasonOf(await stand.desk.redeem(guess, HERE)))
    }
    expect(new Set(reasons.slice(0, -1))).toEqual(new Set(['code-unknown']))
    expect(await stand.desk.anchors(HERE)).toBeNull()
    expect(reasonOf(await stand.desk.redeem(await box.request(code), '198.51.100.7'))).toBe('ok')
    stand.clock.nowMs += MINUTE_MS
    expect(await stand.desk.anchors(HERE)).not.toBeNull()
    expect(stand.refusals.counts()).toMatchObject({ 'too-many-tries': 1 })
    const audited = stand.audited().filter(({ ok }) => !ok)
    expect(audited).toHaveLength(reasons.length - 1)
  })

  it('from everywhere at once costs the centre no more than it may', async () => {
    const stand = await enrolmentStand({ ...ENROLMENT_LIMITS, everybody: { burst: 7, perSecond: 1 } })
    const guess = await (await EnrollingBox.make()).request(await stand.code(), { secret: '00'.repeat(16) })
    const reasons: string[] = []
    for (let place = 0; place < 20; place++)
      reasons.push(reasonOf(await stand.desk.redeem(guess, `198.51.100.${place}`)))
    expect(reasons.filter(reason => reason === 'code-unknown')).toHaveLength(7)
  })
})
