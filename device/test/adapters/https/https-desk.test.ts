import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { HttpsDesk } from '../../../src/adapters/https/https-desk.ts'
import { deskContract } from '../../contracts/desk-contract.ts'
import { makeAuthority } from '../../fixtures/test-authority.ts'
import { serveCentre, testCentre } from '../../fixtures/test-centre.ts'

deskContract('the desk over HTTPS', async () => {
  const centre = await testCentre()
  const { url, close } = await serveCentre(centre)
  return { desk: new HttpsDesk(url), centre, away: close }
})

/** Long where the answer itself is the fault, so that a busy machine does not answer instead. */
const deadlineFor = (code: string): number => (code === 'desk-unreachable' ? 300 : 20_000)
const REQUEST = {
  site: 'hall',
  device: 'door-1',
  publicKey: '11'.repeat(32),
  csr: '-----BEGIN CERTIFICATE REQUEST-----\nAA==\n-----END CERTIFICATE REQUEST-----\n',
  issuedAt: 1,
  countersignature: '22'.repeat(64),
}

/** Whoever answers, answers so. */
async function answeredBy(answer: (response: ServerResponse) => void, code: string) {
  const authority = await makeAuthority()
  const { certificate, key } = await authority.server(['127.0.0.1'])
  const server = createServer({ cert: certificate, key }, (_, response) => answer(response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
  })
  const limits = { anchorsBytes: 2000, answerBytes: 1000, deadlineMs: deadlineFor(code) }
  const desk = new HttpsDesk(`https://127.0.0.1:${(server.address() as AddressInfo).port}`, limits)
  return { desk, ca: authority.ca }
}

describe('the desk over HTTPS, answered badly', () => {
  it.each<[string, (response: ServerResponse) => void, string]>([
    ['more than a box takes', response => response.end(Buffer.alloc(5000, 0x20)), 'desk-answer-invalid'],
    [
      'a stream without an end',
      response => {
        const pour = (): void => {
          while (!response.destroyed && response.write(Buffer.alloc(1000, 0x20)));
          response.once('drain', pour)
        }
        pour()
      },
      'desk-answer-invalid',
    ],
    ['no JSON', response => response.end('<html>'), 'desk-answer-invalid'],
    ['other JSON', response => response.end('{"ca": 1}'), 'desk-answer-invalid'],
    ['a fault', response => response.writeHead(500).end('{"error":"fault"}'), 'desk-answer-invalid'],
    ['a page that is not there', response => response.writeHead(404).end('nothing'), 'desk-answer-invalid'],
    [
      'another place to ask',
      response => response.writeHead(307, { location: 'https://127.0.0.1:1/' }).end(),
      'desk-answer-invalid',
    ],
    [
      'half an answer',
      response => response.writeHead(200, { 'content-length': 100 }).write('{"ca":'),
      'desk-unreachable',
    ],
    ['a cut line', response => response.destroy(), 'desk-unreachable'],
    ['nothing', () => undefined, 'desk-unreachable'],
  ])('takes %s for a fault, soon', async (_, answer, code) => {
    const { desk, ca } = await answeredBy(answer, code)
    await expect(desk.anchors()).rejects.toMatchObject({ code })
    await expect(desk.renew(REQUEST, ca)).rejects.toMatchObject({ code })
  })

  it('does not wait for one who sends a byte now and then', async () => {
    const { desk } = await answeredBy(response => {
      const drip = setInterval(() => response.write(' '), 20)
      response.on('close', () => clearInterval(drip))
    }, 'desk-unreachable')
    await expect(desk.anchors()).rejects.toMatchObject({ code: 'desk-unreachable' })
  })

  it('takes a limit before the desk for too many tries', async () => {
    const { desk, ca } = await answeredBy(response => response.writeHead(429).end('slow down'), 'too-many-tries')
    expect(await desk.renew(REQUEST, ca)).toEqual({ ok: false, refusal: 'too-many-tries' })
    await expect(desk.anchors()).rejects.toMatchObject({ code: 'too-many-tries', retryable: true })
  })

  it('says nothing to a server of the right authority under another name', async () => {
    const centre = await testCentre()
    const { url, requests } = await serveCentre(centre, { server: await centre.authority.server(['10.9.8.7']) })
    await expect(new HttpsDesk(url).renew(REQUEST, centre.anchors.ca)).rejects.toMatchObject({
      code: 'desk-stranger',
      message: expect.stringMatching(/ALTNAME/),
    })
    expect(requests).toEqual([])
  })
})
