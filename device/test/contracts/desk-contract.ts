import { describe, expect, it } from 'vitest'
import type { EnrolmentDesk } from '../../src/ports/enrolment-desk.ts'
import type { DeskHeard } from '../../src/testing/memory-desk.ts'
import { makeAuthority } from '../fixtures/test-authority.ts'
import type { TestCentre } from '../fixtures/test-centre.ts'

/** A desk and the centre behind it. */
export interface DeskBench {
  readonly desk: EnrolmentDesk
  readonly centre: TestCentre
  /** Nobody answers any more. */
  away(): Promise<void>
}

const RENEWAL = {
  site: 'hall',
  device: 'door-1',
  publicKey: '11'.repeat(32),
  csr: '-----BEGIN CERTIFICATE REQUEST-----\nAA==\n-----END CERTIFICATE REQUEST-----\n',
  issuedAt: 1_777_928_729,
  countersignature: '22'.repeat(64),
}
const ENROLMENT = { ...RENEWAL, secret: '33'.repeat(16) }

/** What every desk promises. `make` registers its own clean-up. */
export function deskContract(name: string, make: () => Promise<DeskBench>): void {
  describe(`${name} keeps the desk contract`, () => {
    it('gives the anchors as the centre holds them, to the byte', async () => {
      const { desk, centre } = await make()
      expect(await desk.anchors()).toEqual(centre.anchors)
    })

    it.each<['enrol' | 'renew', DeskHeard]>([
      ['enrol', { kind: 'enrol', request: ENROLMENT }],
      ['renew', { kind: 'renew', request: RENEWAL }],
    ])('hands over a request to %s whole, and gives back what is answered', async (kind, heard) => {
      const { desk, centre } = await make()
      const answer = { certificate: centre.authority.ca, ca: centre.authority.ca, notAfter: 1 }
      const heardThere: DeskHeard[] = []
      centre.answer = async said => {
        heardThere.push(said)
        return { ok: true, answer }
      }
      const { ca } = centre.anchors
      const said = kind === 'enrol' ? await desk.enrol(ENROLMENT, ca) : await desk.renew(RENEWAL, ca)
      expect(said).toEqual({ ok: true, answer })
      expect(heardThere).toEqual([heard])
    })

    it.each(['code-used', 'too-many-tries', 'device-revoked'] as const)('gives back the refusal %s', async refusal => {
      const { desk, centre } = await make()
      centre.refusal = refusal
      expect(await desk.enrol(ENROLMENT, centre.anchors.ca)).toEqual({ ok: false, refusal })
    })

    it('says nothing to a centre that another authority vouches for', async () => {
      const { desk, centre } = await make()
      const { ca } = await makeAuthority()
      await expect(desk.enrol(ENROLMENT, ca)).rejects.toMatchObject({ code: 'desk-stranger' })
      await expect(desk.renew(RENEWAL, ca)).rejects.toMatchObject({ code: 'desk-stranger' })
      expect(centre.heard).toEqual([])
    })

    it('says that nobody answers, and that waiting may help', async () => {
      const { desk, centre, away } = await make()
      await away()
      const fault = { code: 'desk-unreachable', retryable: true }
      await expect(desk.anchors()).rejects.toMatchObject(fault)
      await expect(desk.enrol(ENROLMENT, centre.anchors.ca)).rejects.toMatchObject(fault)
      await expect(desk.renew(RENEWAL, centre.anchors.ca)).rejects.toMatchObject(fault)
    })
  })
}
