import { X509Certificate } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { EnrolmentOutcome } from '../../src/identity/enrolment-outcome.ts'
import { revokeDevice } from '../../src/identity/revoke-device.ts'
import { EnrollingBox, lineKey } from '../fixtures/enrolling-box.ts'
import { enrolmentStand } from '../fixtures/enrolment-stand.ts'

const HERE = '192.0.2.1'
const MINUTE_MS = 60_000

const reasonOf = (outcome: EnrolmentOutcome): string => (outcome.ok ? 'ok' : outcome.reason)

function certificateOf(outcome: EnrolmentOutcome): X509Certificate {
  if (!outcome.ok) throw new RangeError(outcome.detail)
  return new X509Certificate(outcome.answer.certificate)
}

describe('a box that comes again with its code', () => {
  it.each(['Ed25519', 'P-256'] as const)(
    'gets the same certificate for the same keys, also of %s, while the code lives',
    async kind => {
      const stand = await enrolmentStand()
      const box = await EnrollingBox.make({ line: await lineKey(kind) })
      const code = await stand.code({ minutes: 5 })
      const first = certificateOf(await stand.desk.redeem(await box.request(code), HERE))
      stand.clock.nowMs += 5 * MINUTE_MS - 1
      // another request of other bytes: made later and signed again
      box.issuedAt += 299
      const again = await stand.desk.redeem(await box.request(code), HERE)
      expect(certificateOf(again).fingerprint256).toBe(first.fingerprint256)
      expect(again.ok && again.answer.ca).toBe(stand.authority.certificatePem)
      expect(stand.registry.certificatesOf(box.device)).toHaveLength(1)
      stand.clock.nowMs += 1
      expect(reasonOf(await stand.desk.redeem(await box.request(code), HERE))).toBe('code-used')
    },
  )

  it('gets one certificate where it comes several times at once with the same keys', async () => {
    const stand = await enrolmentStand()
    const box = await EnrollingBox.make()
    const code = await stand.code()
    const requests = await Promise.all(Array.from({ length: 5 }, () => box.request(code)))
    const outcomes = await Promise.all(requests.map(request => stand.desk.redeem(request, HERE)))
    expect(new Set(outcomes.map(outcome => certificateOf(outcome).fingerprint256)).size).toBe(1)
    expect(stand.registry.certificatesOf(box.device)).toHaveLength(1)
    expect(stand.audited().filter(({ action }) => action === 'device.enrol')).toHaveLength(1)
  })

  it('gets nothing more for a used code once one of its keys, its place or its standing is another', async () => {
    const stand = await enrolmentStand()
    const box = await EnrollingBox.make()
    const code = await stand.code()
    const request = await box.request(code)
    expect(reasonOf(await stand.desk.redeem(request, HERE))).toBe('ok')
    const { deviceKey, line } = box
    const others = [
      EnrollingBox.make({ deviceKey }),
      EnrollingBox.make({ line }),
      EnrollingBox.make({ deviceKey, line, device: 'hall-door-2' }),
      EnrollingBox.make({ deviceKey, line, site: 'park' }),
    ]
    for (const other of await Promise.all(others))
      expect(reasonOf(await stand.desk.redeem(await other.request(code), HERE))).toBe('code-used')
    for (const change of [{ countersignature: '00'.repeat(64) }, { csr: 'nothing' }])
      expect(reasonOf(await stand.desk.redeem({ ...request, ...change }, HERE))).toBe('code-used')
    expect(reasonOf(await stand.desk.redeem(request, HERE))).toBe('ok')
    revokeDevice(stand, { device: box.device, reason: '被盗 stolen', actor: 'zhao' })
    expect(reasonOf(await stand.desk.redeem(request, HERE))).toBe('code-used')
    expect(stand.registry.certificatesOf(box.device)).toHaveLength(1)
  })
})
