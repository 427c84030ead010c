import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { connect as connectTcp } from 'node:net'
import { join } from 'node:path'
import { connect, type TLSSocket } from 'node:tls'
import * as v from 'valibot'
import { describe, expect, it, onTestFinished } from 'vitest'
import { buildHttpsServer } from '../../src/api/https-server.ts'
import { route } from '../../src/api/route.ts'
import { peopleStand } from '../fixtures/people-stand.ts'
import { RecordedLog } from '../fixtures/recorded-log.ts'
import { type ApiStand, apiStand, browserOf } from './fixtures/api-stand.ts'

const PUBLIC_FOLDER = join(import.meta.dirname, '../../public')

async function secureLine({ port, ca }: Pick<ApiStand, 'port' | 'ca'>, options: object = {}): Promise<TLSSocket> {
  const socket = connect({ host: '127.0.0.1', port, ca, servername: 'localhost', ...options })
  onTestFinished(() => {
    socket.destroy()
  })
  await once(socket, 'secureConnect')
  return socket
}

/** Everything that comes until the far side ends it. */
async function heardOn(socket: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of socket) chunks.push(chunk)
  } catch {
    return Buffer.concat(chunks).toString('utf8') // cut off: what was heard until then
  }
  return Buffer.concat(chunks).toString('utf8')
}

async function askRaw(stand: ApiStand, text: string): Promise<string> {
  const socket = await secureLine(stand)
  socket.write(text)
  return heardOn(socket)
}

describe('the line', () => {
  it('speaks TLS 1.2 and 1.3, and nothing older', async () => {
    const stand = await apiStand()
    const tlsOf = (version: string) => secureLine(stand, { minVersion: version, maxVersion: version })
    expect((await tlsOf('TLSv1.3')).getProtocol()).toBe('TLSv1.3')
    const old = await tlsOf('TLSv1.2')
    expect(old.getProtocol()).toBe('TLSv1.2')
    expect(old.getCipher().name).toMatch(/^ECDHE-.*(GCM|POLY1305)/)
    await expect(
      secureLine(stand, { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }),
    ).rejects.toThrow()
  })

  it('answers nothing to plain HTTP on its port, and goes on', async () => {
    const stand = await apiStand()
    const socket = connectTcp(stand.port, '127.0.0.1')
    socket.write('GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n')
    expect(await heardOn(socket)).not.toContain('HTTP/1.1 2')
    expect((await stand.browser().get('/healthz')).json).toEqual({ ok: true })
  })

  it('shows a renewed certificate to whoever comes next, keeps who is there, and refuses a bad one', async () => {
    const stand = await apiStand()
    const before = await secureLine(stand)
    const renewed = await stand.authority.issueServerCertificate({ names: ['localhost', '127.0.0.1'] })
    stand.server.replaceCertificate(renewed)
    const after = await secureLine(stand)
    expect(after.getPeerX509Certificate()?.toString()).toBe(renewed.certificatePem)
    expect(before.getPeerX509Certificate()?.toString()).not.toBe(renewed.certificatePem)
    expect(stand.server.certificateNotAfterMs()).toBe(renewed.notAfterMs)
    const other = await stand.authority.issueServerCertificate({ names: ['localhost'] })
    expect(() => stand.server.replaceCertificate({ ...renewed, keyPem: other.keyPem })).toThrow(/key values mismatch/)
    expect((await secureLine(stand)).getPeerX509Certificate()?.toString()).toBe(renewed.certificatePem)
  })

  it('cuts off whoever sends a request too slowly, or nothing at all', async () => {
    const stand = await apiStand({ limits: { headersMs: 150, requestMs: 200, checkMs: 25 } })
    const silent = await secureLine(stand)
    const slow = await secureLine(stand)
    slow.write('GET /healthz HTTP/1.1\r\nhost: localhost\r\nx-slow: ')
    const slowBody = await secureLine(stand)
    slowBody.write(
      'POST /api/session HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{',
    )
    const [nothing, late, lateBody] = await Promise.all([heardOn(silent), heardOn(slow), heardOn(slowBody)])
    for (const text of [late, lateBody]) expect(text).toMatch(/^HTTP\/1\.1 408 .*"error":"too-slow"/s)
    expect(nothing === '' || nothing.startsWith('HTTP/1.1 408')).toBe(true)
    expect((await stand.browser().get('/healthz')).status).toBe(200)
  })

  it('gives one address no more lines than its share', async () => {
    const stand = await apiStand({ limits: { connectionsPerPlace: 2 } })
    const [first] = [await secureLine(stand), await secureLine(stand)]
    await expect(secureLine(stand)).rejects.toThrow()
    first.destroy()
    await once(first, 'close')
    await expect
      .poll(() =>
        secureLine(stand).then(
          socket => socket.encrypted,
          () => false,
        ),
      )
      .toBe(true)
  })

  it('sees no second request in what one request smuggles', async () => {
    const stand = await apiStand()
    const heard = await askRaw(
      stand,
      'POST /api/session HTTP/1.1\r\nhost: localhost\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n',
    )
    expect(heard).toMatch(/^HTTP\/1\.1 400 /)
    expect(heard).not.toContain('{"ok":true}')
  })

  it('takes a line break in a header for no header of its own', async () => {
    const stand = await apiStand()
    const heard = await askRaw(
      stand,
      'GET /nothing?x=%0d%0aset-cookie:%20a=b HTTP/1.1\r\nhost: localhost\r\nx-a: 1\r\n\tset-cookie: a=b\r\nconnection: close\r\n\r\n',
    )
    expect(heard).not.toMatch(/^set-cookie:/im)
    const browser = stand.browser()
    const tricky = await browser.get('/nothing/%0d%0aset-cookie:%20a=b')
    expect(tricky).toMatchObject({ status: 404, setCookie: null })
    expect(tricky.text).not.toContain('a=b')
  })

  it('refuses headers that are too large and a path that cannot be decoded in its own words', async () => {
    const stand = await apiStand()
    const large = await askRaw(stand, `GET / HTTP/1.1\r\nhost: localhost\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`)
    expect(large).toMatch(/^HTTP\/1\.1 431 .*"error":"headers-too-large"/s)
    const browser = stand.browser()
    expect(await browser.get('/api/devices/%zz')).toMatchObject({ status: 400, json: { error: 'path-invalid' } })
  })
})

describe('every answer', () => {
  it('carries strict headers, and is kept by nobody', async () => {
    const stand = await apiStand()
    const browser = await browserOf(stand, 'viewer')
    for (const path of ['/', '/page.js', '/api/summary', '/nothing', '/api/audit', '/api/devices/%zz']) {
      const { headers } = await browser.get(path)
      expect(headers, path).toMatchObject({
        'strict-transport-security': 'max-age=31536000',
        'content-security-policy': expect.stringContaining("default-src 'self'"),
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-resource-policy': 'same-origin',
      })
      expect(headers).not.toHaveProperty('access-control-allow-origin')
      if (path.startsWith('/api/') && !path.includes('%')) expect(headers['cache-control']).toBe('no-store')
    }
  })

  it('is 404 for what there is not, with or without a session, and for other methods', async () => {
    const stand = await apiStand()
    const browser = await browserOf(stand, 'viewer')
    const asked = [
      ['GET', '/api/people'],
      ['GET', '/api/devices/hall-door-1/'],
      ['GET', '/API/devices'],
      ['GET', '//api/devices'],
      ['POST', '/api/summary'],
      ['PATCH', '/api/session'],
      ['OPTIONS', '/api/session'],
      ['HEAD', '/api/summary'],
      ['GET', '/api/constructor'],
    ] as const
    for (const who of [browser, stand.browser()])
      for (const [method, path] of asked) {
        const { status, json } = await who.ask(method, path)
        expect(status, `${method} ${path}`).toBe(404)
        if (method !== 'HEAD') expect(json.error).toBe('not-found')
      }
  })

  it('names the wrong places of a request, and nothing of what was there', async () => {
    const stand = await apiStand()
    const browser = await browserOf(stand, 'auditor')
    const body = { tag: '李四 341523199001011234', purpose: 'x', extra: 1 }
    const { status, json } = await browser.post('/api/look-ups', body)
    expect(status).toBe(400)
    expect(json).toEqual({
      error: 'request-invalid',
      message: expect.stringMatching(/^body: tag: .*; purpose: .*; extra: /),
    })
    expect(json.message).not.toMatch(/李四|341523/)
    expect((await browser.get('/api/showings?limit=501')).json.message).toMatch(/^query: limit: .*from 1 to 500/)
    expect((await browser.get('/api/devices/A_B')).json.message).toMatch(/^path: device: /)
    expect((await browser.get('/api/summary?x=1')).json.error).toBe('request-invalid')
    expect((await browser.get('/api/showings?limit=1&limit=2')).json.error).toBe('request-invalid')
  })

  it.each([
    ['no JSON', '{"name":', 'json-invalid', 400],
    ['nothing', '', 'json-invalid', 400],
    ['a prototype in it', '{"name":"a","password":"b","__proto__":{"x":1}}', 'json-invalid', 400],
    ['a list', '[]', 'request-invalid', 400],
    ['more than a stranger may send', `{"name":"${'x'.repeat(33_000)}"}`, 'body-too-large', 413],
  ])('to a body with %s is a refusal', async (_what, raw, error, status) => {
    const stand = await apiStand()
    expect(await stand.browser().ask('POST', '/api/session', { raw })).toMatchObject({ status, json: { error } })
  })

  it('to a body over 64 KB is a refusal also for somebody known', async () => {
    const stand = await apiStand()
    const browser = await browserOf(stand, 'auditor')
    const raw = (signs: number) => JSON.stringify({ tag: '0', purpose: 'x'.repeat(signs) })
    expect((await browser.ask('POST', '/api/look-ups', { raw: raw(60_000) })).json.error).toBe('request-invalid')
    expect((await browser.ask('POST', '/api/look-ups', { raw: raw(66_000) })).status).toBe(413)
  })

  it('to strangers who try too often is to wait, whoever they say they are', async () => {
    const stand = await apiStand({ limits: { publicPosts: { burst: 3, perSecond: 1 } } })
    const browser = stand.browser()
    const headers = { 'x-forwarded-for': '192.0.2.1', forwarded: 'for=192.0.2.1' }
    const tries = []
    for (let tried = 0; tried < 5; tried++) tries.push(await browser.post('/enrolment', {}, { headers }))
    expect(tries.map(({ status }) => status)).toEqual([400, 400, 400, 429, 429])
    expect(tries.at(-1)).toMatchObject({ json: { error: 'too-many-requests' }, headers: { 'retry-after': '10' } })
    stand.wait(5000)
    expect((await browser.post('/enrolment')).status).toBe(400)
  })

  it('writes down who tried what was not theirs, as often as a disk can bear', async () => {
    const stand = await apiStand({ limits: { auditedRefusals: { burst: 2, perSecond: 1 } } })
    const browser = await browserOf(stand, 'viewer')
    const statuses = []
    for (let tried = 0; tried < 4; tried++) statuses.push((await browser.get('/api/audit')).status)
    expect(statuses).toEqual([403, 403, 429, 429])
    expect(stand.traces(/^api/)).toEqual(Array(2).fill(['api.refused', 'GET /api/audit', false]))
  })

  it('to a fault tells nobody outside what it was', async () => {
    const stand = await apiStand({
      wrap: one =>
        one.path === '/healthz' ? { ...one, handle: () => Promise.reject(new RangeError('the disk')) } : one,
    })
    const { status, json } = await stand.browser().get('/healthz')
    expect(status).toBe(500)
    expect(json).toEqual({ error: 'fault', message: expect.not.stringContaining('disk') })
    expect(stand.hall.log.lines.at(-1)?.fields).toMatchObject({ path: '/healthz', detail: 'the disk' })
  })
})

describe('the page', () => {
  it('is served to anybody, each file of its folder and nothing else', async () => {
    const stand = await apiStand()
    const browser = stand.browser()
    const files = readdirSync(PUBLIC_FOLDER, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile())
    expect(files.length).toBeGreaterThan(5)
    for (const { parentPath, name } of files) {
      const path = `/${join(parentPath, name).slice(PUBLIC_FOLDER.length + 1)}`
      expect((await browser.get(path)).status, path).toBe(200)
    }
    expect((await browser.get('/')).text).toContain('<!doctype html>')
    for (const path of [
      '/../package.json',
      '/..%2fpackage.json',
      '/%2e%2e/package.json',
      '/core/',
      '/core',
      '/.git/config',
    ])
      expect((await browser.get(path)).status, path).toBe(404)
  })
})

describe('a server', () => {
  it('is not built with two routes of one name', async () => {
    const people = peopleStand()
    const one = route({
      method: 'GET',
      path: '/twice',
      zh: '两次',
      en: 'Twice',
      access: 'public',
      answer: v.object({}),
      handle: async () => ({ ok: true, json: {} }),
    })
    const { authority } = await apiStand()
    const built = buildHttpsServer({
      ...people,
      routes: [one, one],
      certificate: await authority.issueServerCertificate({ names: ['localhost'] }),
      log: new RecordedLog(),
      nowMs: Date.now,
    })
    await expect(built).rejects.toThrow(/already declared/)
  })
})
