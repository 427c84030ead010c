import { randomBytes } from 'node:crypto'
import { toHex } from '@ankang/protocol'
import { describe, expect, it } from 'vitest'
import type { CertificateAuthority } from '../../src/identity/certificate-authority.ts'
import { EnrolmentDesk } from '../../src/identity/enrolment-desk.ts'
import type { EnrolmentOutcome } from '../../src/identity/enrolment-outcome.ts'
import { revokeDevice } from '../../src/identity/revoke-device.ts'
import { enrolInWorkshop } from '../../src/identity/workshop.ts'
import { EnrollingBox } from '../fixtures/enrolling-box.ts'
import { type EnrolmentStand, enrolmentStand } from '../fixtures/enrolment-stand.ts'

const HERE = '192.0.2.1'
const WISH = { site: 'hall', device: 'hall-door-1', createdBy: 'wang' } as const

const reasonOf = (outcome: EnrolmentOutcome): string => (outcome.ok ? 'ok' : outcome.reason)
const keyOf = ({ registry }: EnrolmentStand): string =>
  toHex(registry.find('hall-door-1')?.publicKey ?? new Uint8Array(0))

async function withLiveBox() {
  const stand = await enrolmentStand()
  const box = await EnrollingBox.make()
  expect(reasonOf(await stand.desk.redeem(await box.request(await stand.code()), HERE))).toBe('ok')
  return { stand, box }
}

describe('the place of a live box', () => {
  it('has no code made for it until the box is revoked', async () => {
    const { stand } = await withLiveBox()
    const before = stand.desk.listCodes()
    expect(await stand.desk.createCode(WISH)).toMatchObject({ ok: false, error: 'device-enrolled' })
    expect(stand.desk.listCodes()).toEqual(before)
    revokeDevice(stand, { device: 'hall-door-1', reason: '被盗 stolen', actor: 'zhao' })
    const next = await EnrollingBox.make()
    expect(reasonOf(await stand.desk.redeem(await next.request(await stand.code()), HERE))).toBe('ok')
    expect(keyOf(stand)).toBe(toHex(next.publicKey))
  })

  it('is taken with a code that was made to replace it, and the audit log says whom from the start', async () => {
    const { stand, box } = await withLiveBox()
    const code = await stand.code({ replace: true })
    expect(stand.audited().at(-1)).toMatchObject({
      action: 'enrolment-code.create',
      detail: { replaces: toHex(box.publicKey) },
    })
    const next = await EnrollingBox.make()
    expect(reasonOf(await stand.desk.redeem(await next.request(code), HERE))).toBe('ok')
    expect(keyOf(stand)).toBe(toHex(next.publicKey))
  })

  it('is not taken with a code from when it was free, not even where the other box comes in between', async () => {
    const stand = await enrolmentStand()
    const [box, late] = [await EnrollingBox.make(), await EnrollingBox.make()]
    const request = await late.request(await stand.code())
    const inWorkshop = [await box.renewal()]
    const authority: CertificateAuthority = {
      ...stand.authority,
      issueClientCertificate: async wish => {
        expect(await enrolInWorkshop(stand, inWorkshop, 'li')).toMatchObject([{ ok: true }])
        return stand.authority.issueClientCertificate(wish)
      },
    }
    const { nowMs } = stand.clock
    const slowDesk = new EnrolmentDesk({ ...stand, authority, nowMs: () => nowMs, random: randomBytes })
    expect(reasonOf(await slowDesk.redeem(request, HERE))).toBe('code-of-another-device')
    expect(reasonOf(await stand.desk.redeem(request, HERE))).toBe('code-of-another-device')
    expect(keyOf(stand)).toBe(toHex(box.publicKey))
    expect(stand.registry.certificatesOf('hall-door-1')).toHaveLength(1)
  })

  it('is still that of the box itself, which asks again with the code it used', async () => {
    const stand = await enrolmentStand()
    const box = await EnrollingBox.make()
    const request = await box.request(await stand.code())
    expect(reasonOf(await stand.desk.redeem(request, HERE))).toBe('ok')
    expect(reasonOf(await stand.desk.redeem(request, HERE))).toBe('ok')
  })
})
