import {
  ENROLMENT_REFUSALS,
  type EnrolmentAnswer,
  encodeEnrolmentCode,
  exportEd25519,
  toHex,
  utf8,
} from '@ankang/protocol'
import { describe, expect, it } from 'vitest'
import { HttpsDesk } from '../../src/adapters/https/https-desk.ts'
import { certificates } from '../../src/adapters/x509/certificates.ts'
import { enrol, renew } from '../../src/enrolment/enrol.ts'
import { BOX, boxKeys, enrollingBox, lineKey } from '../fixtures/enrolling-box.ts'
import { makeAuthority } from '../fixtures/test-authority.ts'
import { serveCentre, type TestCentre, testCentre } from '../fixtures/test-centre.ts'
import { deviceKey } from '../fixtures/test-world.ts'

const NOTHING = { ca: null, certificate: null, trust: null, deskUrl: null }

describe('an enrolment', () => {
  it('ends with a certificate for the box’s own keys, and keeps all that came with it', async () => {
    const centre = await testCentre()
    const { parts, files, desk, steps } = enrollingBox(centre)
    const end = await enrol(centre.newCode().typed, parts)
    const { ca, certificate, trust, deskUrl } = await files.load()
    expect(end).toMatchObject({ ok: true, certificate: BOX })
    expect([ca?.trim(), deskUrl]).toEqual([centre.anchors.ca.trim(), desk.url])
    expect(trust).toEqual(utf8(centre.anchors.trust))
    expect(certificates.isFor(certificate ?? '', centre.authority.ca, boxKeys.line)).toBe(true)
    expect(desk.heard[0]?.request).toMatchObject({ ...BOX, publicKey: toHex(exportEd25519(deviceKey)) })
    expect(steps).toEqual(['fetching', 'proven', 'requesting', 'saving'])
  })

  it('takes a code from a scanner, or from hands in their own spelling', async () => {
    const centre = await testCentre()
    const { parts } = enrollingBox(centre)
    expect(await enrol(centre.newCode().qr, parts)).toMatchObject({ ok: true })
    expect(await enrol(` ${centre.newCode().typed.toLowerCase().replaceAll('-', ' ')}\n`, parts)).toMatchObject({
      ok: true,
    })
  })

  it('may use one key for the line and for records', async () => {
    const centre = await testCentre()
    const { parts, files } = enrollingBox(centre)
    const one = {
      ...parts,
      files: {
        ...files,
        load: () => files.load(),
        commit: files.commit.bind(files),
        keys: async () => ({ device: deviceKey, line: deviceKey }),
      },
    }
    expect(await enrol(centre.newCode().typed, one)).toMatchObject({ ok: true })
    const { certificate } = await files.load()
    expect(certificates.isFor(certificate ?? '', centre.authority.ca, deviceKey)).toBe(true)
  })

  it('asks nobody when the code has a slip in it', async () => {
    const centre = await testCentre()
    const { parts, desk, steps } = enrollingBox(centre)
    desk.isReachable = false
    const { typed } = centre.newCode()
    const slipped = `${typed[0] === '7' ? '8' : '7'}${typed.slice(1)}`
    expect(await enrol(slipped, parts)).toEqual({ ok: false, refusal: 'code-mistyped' })
    expect(steps).toEqual([])
  })

  it('goes on where the box has the same trust file already, and stops where it has another', async () => {
    const centre = await testCentre()
    const same = enrollingBox(centre, { identity: { trust: utf8(centre.anchors.trust) } })
    const other = enrollingBox(centre, { identity: { trust: utf8(`${centre.anchors.trust} `) } })
    expect(await enrol(centre.newCode().typed, same.parts)).toMatchObject({ ok: true })
    expect(await enrol(centre.newCode().typed, other.parts)).toEqual({ ok: false, refusal: 'trust-differs' })
    expect(other.desk.heard).toEqual([])
  })

  it.each(['{', '{"version": 2}', '{"version": 1, "issuers": [], "surprise": 1}'])(
    'spends no code on a trust file that reads %s',
    async trust => {
      const centre = await testCentre(trust)
      const { parts, desk, files } = enrollingBox(centre)
      expect(await enrol(centre.newCode().typed, parts)).toEqual({
        ok: false,
        refusal: 'trust-unusable',
        detail: expect.stringMatching(/^the centre’s trust file: /),
      })
      expect([desk.heard, await files.load()]).toEqual([[], NOTHING])
    },
  )

  it.each(ENROLMENT_REFUSALS)('gives back the refusal %s, and keeps nothing', async refusal => {
    const centre = await testCentre()
    centre.refusal = refusal
    const { parts, files } = enrollingBox(centre)
    expect(await enrol(centre.newCode().typed, parts)).toEqual({ ok: false, refusal })
    expect(await files.load()).toEqual(NOTHING)
  })

  it('keeps nothing of a certificate that is not its own', async () => {
    const centre = await testCentre()
    const stranger = await makeAuthority()
    const wrong: ((answer: EnrolmentAnswer, csr: string) => Promise<string>)[] = [
      async () => (await centre.authority.client('door-1', { site: 'hall' })).certificate,
      async (_, csr) => stranger.sign(csr, 'door-1', { site: 'hall' }),
      async (_, csr) => centre.authority.sign(csr, 'door-2', { site: 'hall' }),
      async (_, csr) => centre.authority.sign(csr, 'door-1', { site: 'depot' }),
      async () => '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n',
    ]
    for (const make of wrong) {
      const { parts, files, desk } = enrollingBox(centre)
      const enrolAtDesk = desk.enrol.bind(desk)
      desk.enrol = async (request, ca) => {
        const said = await enrolAtDesk(request, ca)
        if (!said.ok) return said
        return { ok: true, answer: { ...said.answer, certificate: await make(said.answer, request.csr) } }
      }
      expect(await enrol(centre.newCode().typed, parts)).toEqual({ ok: false, refusal: 'answer-wrong' })
      expect(await files.load()).toEqual(NOTHING)
    }
  })
})

describe('an enrolment with somebody in between', () => {
  async function intercepted(shown: (centre: TestCentre, impostor: string) => { ca: string; trust: string }) {
    const centre = await testCentre()
    const impostor = await makeAuthority()
    const served = await serveCentre(centre, {
      server: await impostor.server(['127.0.0.1']),
      anchors: shown(centre, impostor.ca),
    })
    return { centre, served, ...enrollingBox(centre, { desk: new HttpsDesk(served.url) }) }
  }

  it.each<[string, (centre: TestCentre, impostor: string) => { ca: string; trust: string }]>([
    ['its own authority', ({ anchors }, impostor) => ({ ...anchors, ca: impostor })],
    ['its own trust file', ({ anchors }) => ({ ...anchors, trust: anchors.trust.replace('341523', '341524') })],
    [
      'its own authority before the right one',
      ({ anchors }, impostor) => ({ ...anchors, ca: `${impostor}${anchors.ca}` }),
    ],
    [
      'no certificate',
      ({ anchors }) => ({ ...anchors, ca: '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----' }),
    ],
  ])('who shows %s, hears nothing of code and box', async (_, shown) => {
    const { centre, served, parts, files } = await intercepted(shown)
    expect(await enrol(centre.newCode().typed, parts)).toEqual({ ok: false, refusal: 'centre-unproven' })
    expect(served.requests).toEqual([{ line: 'GET /enrolment/anchors', body: '' }])
    expect(await files.load()).toEqual(NOTHING)
  })

  it.each<[string, (centre: TestCentre, impostor: string) => { ca: string; trust: string }]>([
    ['repeats the right anchors', ({ anchors }) => anchors],
    ['appends its own authority to the right one', ({ anchors }, own) => ({ ...anchors, ca: `${anchors.ca}${own}` })],
  ])('who %s, hears nothing either', async (_, shown) => {
    const { centre, served, parts, files } = await intercepted(shown)
    await expect(enrol(centre.newCode().typed, parts)).rejects.toMatchObject({ code: 'desk-stranger' })
    expect(served.requests).toEqual([{ line: 'GET /enrolment/anchors', body: '' }])
    expect(await files.load()).toEqual(NOTHING)
  })

  it('who knows no more than the secret’s length, cannot make a code that fits', async () => {
    const { parts } = enrollingBox(await testCentre())
    const { typed } = encodeEnrolmentCode({ secret: new Uint8Array(16), pin: new Uint8Array(16) })
    expect(await enrol(typed, parts)).toEqual({ ok: false, refusal: 'centre-unproven' })
  })
})

describe('a renewal', () => {
  async function enrolled() {
    const centre = await testCentre()
    const box = enrollingBox(centre)
    await enrol(centre.newCode().typed, box.parts)
    return { centre, ...box, before: await box.files.load() }
  }

  it('changes the certificate and nothing else, without a code', async () => {
    const { parts, files, desk, before } = await enrolled()
    expect(await renew(parts)).toMatchObject({ ok: true, certificate: BOX })
    const after = await files.load()
    expect({ ...after, certificate: null }).toEqual({ ...before, certificate: null })
    expect(after.certificate).not.toBe(before.certificate)
    expect(desk.heard.map(({ kind }) => kind)).toEqual(['enrol', 'renew'])
    expect(desk.heard[1]?.request).not.toHaveProperty('secret')
  })

  it('keeps the old certificate where there is none to be had, or a wrong one', async () => {
    const { centre, parts, files, desk, before } = await enrolled()
    centre.refusal = 'device-revoked'
    expect(await renew(parts)).toEqual({ ok: false, refusal: 'device-revoked' })
    centre.refusal = null
    const wrong = {
      ...parts,
      files: {
        ...parts.files,
        load: () => files.load(),
        commit: files.commit.bind(files),
        keys: async () => ({ ...boxKeys, line: lineKey() }),
      },
    }
    desk.renew = async request => ({
      ok: true,
      answer: { certificate: before.certificate ?? '', ca: centre.authority.ca, notAfter: request.issuedAt },
    })
    expect(await renew(wrong)).toEqual({ ok: false, refusal: 'answer-wrong' })
    expect(await files.load()).toEqual(before)
  })

  it('believes the authority it was enrolled by, and no other', async () => {
    const { parts, desk } = await enrolled()
    desk.provenBy = (await makeAuthority()).ca
    await expect(renew(parts)).rejects.toMatchObject({ code: 'desk-stranger' })
  })

  it('is not for a box that was never enrolled', async () => {
    const { parts } = enrollingBox(await testCentre())
    await expect(renew(parts)).rejects.toMatchObject({ code: 'not-enrolled' })
  })
})
