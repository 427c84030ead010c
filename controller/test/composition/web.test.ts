import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { EXIT } from '@ankang/protocol'
import { describe, expect, it } from 'vitest'
import { deviceCommand } from '../../src/commands/device.ts'
import { Browser } from '../api/fixtures/browser.ts'
import { EnrollingBox } from '../fixtures/enrolling-box.ts'
import { memoryIo } from '../fixtures/memory-io.ts'
import { type ControllerUnderTest, runningController } from '../fixtures/running-controller.ts'
import { tempFolder } from '../fixtures/temp-folder.ts'
import { testCertificate } from '../web/fixtures/test-certificate.ts'

/** A controller whose page stands under a certificate of somebody browsers know. */
async function withGivenCertificate() {
  const [home, elsewhere] = [tempFolder(), tempFolder()]
  const { certificatePem, keyPem } = await testCertificate(elsewhere)
  const [certificateFile, keyFile] = [join(elsewhere, 'page.crt'), join(elsewhere, 'page.key')]
  writeFileSync(certificateFile, certificatePem)
  writeFileSync(keyFile, keyPem, { mode: 0o600 })
  const http = { port: 0, certificateFile, keyFile, deskPort: 0 }
  const controller = await runningController([], { home, config: { http } })
  const known = readFileSync(join(elsewhere, 'ca.crt'), 'utf8')
  return { controller, known, county: readFileSync(join(home, 'ca', 'ca.crt'), 'utf8') }
}

async function newCode({ home }: ControllerUnderTest, { site, device }: EnrollingBox): Promise<string> {
  const { io, text } = memoryIo(home)
  const flags = ['--home', home, '--site', site, '--device', device, '--json']
  expect(await deviceCommand.run(['enroll', ...flags], io)).toBe(EXIT.done)
  return JSON.parse(text.out).typed
}

describe('with a certificate of somebody else for the page', () => {
  it('a box that believes the county’s authority alone enrols and renews at the desk’s own door', async () => {
    const { controller, county } = await withGivenCertificate()
    const box = await EnrollingBox.make()
    const believing = (url: string) => new Browser(url, county)
    await expect(believing(controller.httpUrl).get('/enrolment/anchors')).rejects.toThrow(/certificate/)
    const desk = believing(controller.deskUrl)
    expect((await desk.get('/enrolment/anchors')).json.ca).toBe(county)
    const enrolled = await desk.post('/enrolment', await box.request(await newCode(controller, box)))
    expect(enrolled.json.certificate).toMatch(/^-----BEGIN CERTIFICATE-----/)
    const renewed = await desk.post('/enrolment/renewal', await box.renewal())
    expect(renewed.json.certificate).toBe(enrolled.json.certificate)
  })

  it('that door leads to nothing else, and the page’s own to everything', async () => {
    const { controller, known, county } = await withGivenCertificate()
    const desk = new Browser(controller.deskUrl, county)
    const page = new Browser(controller.httpUrl, known)
    for (const path of ['/', '/page.html', '/healthz', '/metrics', '/api/session', '/api/openapi.json']) {
      expect([path, (await desk.get(path)).status]).toEqual([path, 404])
      expect((await page.get(path)).status).not.toBe(404)
    }
    expect((await desk.post('/api/session', { name: 'admin', password: 'x' })).status).toBe(404)
    expect((await page.get('/enrolment/anchors')).status).toBe(200)
  })
})

it('under the county’s own certificate, boxes enrol where the page is', async () => {
  const { httpUrl, deskUrl } = await runningController([])
  expect(`${deskUrl}/`).toBe(httpUrl)
})
