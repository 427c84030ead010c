import { encodeBody } from '@ankang/protocol'
import { describe, expect, it } from 'vitest'
import type { OrderView } from '../../src/orders/order.ts'
import { rideBody } from '../fixtures/bus-rides.ts'
import { SigningDevice, START_MS, showingBody } from '../fixtures/signing-device.ts'
import { apiStand, browserOf } from './fixtures/api-stand.ts'
import { eventsOf } from './fixtures/events-of.ts'

async function hallWithShowings(options: Parameters<typeof apiStand>[0] = {}) {
  const door = new SigningDevice({ seed: Buffer.alloc(32, 1) })
  const idle = new SigningDevice({ device: 'hall-door-2', seed: Buffer.alloc(32, 2) })
  const stand = await apiStand({ devices: [door, idle], ...options })
  door.write(2).write(1, () => ({ outcome: 'deny', reason: 'proof-stale', colour: 'unknown' }))
  await stand.hall.send(door, door.batch(1, 3))
  return { door, stand, browser: await browserOf(stand, 'viewer') }
}

const say = (payload: object): Buffer => Buffer.from(JSON.stringify(payload))

describe('the API of what is live', () => {
  it('sums up the store', async () => {
    const { browser } = await hallWithShowings()
    const { json } = await browser.get('/api/summary')
    expect(json).toEqual({ records: 3, showings: 3, duplicates: 0, gaps: 0, devices: 2 })
  })

  it('gives showings, newest first, with their reason in both languages', async () => {
    const { door, browser } = await hallWithShowings()
    const { json } = await browser.get('/api/showings?limit=2')
    expect(json.showings).toHaveLength(2)
    expect(json.showings[0]).toEqual({
      site: 'hall',
      device: 'hall-door-1',
      epoch: Buffer.from(door.epoch).toString('hex'),
      seq: 3,
      timeMs: START_MS + 3000,
      timeTrust: 'synced',
      scene: 'hall-door',
      outcome: 'deny',
      reason: 'proof-stale',
      zh: '截图或旧码，请刷新',
      en: 'Old code or a picture of one: refresh',
      symbol: 'clock',
      signalColour: 'red',
      note: null,
      family: 'ak1',
      colour: 'unknown',
      stages: { read: 2.1, recognise: 0.1, verify: 0.3, decide: 0.1 },
      receivedMs: expect.any(Number),
    })
    expect(json.showings[1]).toMatchObject({
      seq: 2,
      reason: 'ok',
      zh: '请通行',
      symbol: 'tick',
      signalColour: 'green',
    })
  })

  it('gives every enrolled device, heard or not', async () => {
    const { door, stand, browser } = await hallWithShowings()
    await stand.hall.deliver(door, 'state', say({ state: 'ready', scene: 'hall-door' }))
    await stand.hall.deliver(door, 'alarms', say({ timeMs: START_MS, kind: 'door', detail: 'held open' }))
    const { json } = await browser.get('/api/devices')
    expect(json.devices).toEqual([
      expect.objectContaining({
        device: 'hall-door-1',
        state: 'ready',
        recordsStored: 3,
        showingsStored: 3,
        backlog: 0,
        storedThrough: 3,
        lastShowing: expect.objectContaining({ seq: 3, reason: 'proof-stale' }),
        lastAlarm: { timeMs: START_MS, kind: 'door', detail: 'held open' },
      }),
      expect.objectContaining({ device: 'hall-door-2', state: 'unknown', head: null, lastShowing: null }),
    ])
  })

  it('passes on no text of a record that is not a word of ours', async () => {
    const { door, stand, browser } = await hallWithShowings()
    door.writeBytes(encodeBody(showingBody(4, { reason: '张三 341523199001011234', scene: '李四', family: '王五' })))
    await stand.hall.send(door, door.batch(4, 4))
    const { text, json } = await browser.get('/api/showings')
    expect(text).not.toMatch(/张三|李四|王五|341523/)
    expect(json.showings[0]).toMatchObject({ reason: 'unknown', zh: '未知原因', scene: 'unknown', family: null })
  })

  it('gives what a ride was in a few words, and of a refused showing nothing', async () => {
    const bus = new SigningDevice({ device: 'bus-101' })
      .write(1, () => rideBody({ fareClass: 'student', chargedFen: 100 }))
      .write(1, () => rideBody({}, { outcome: 'deny', reason: 'ride-repeated' }))
      .write(1, () => rideBody({ fareClass: '张三' }))
    const stand = await apiStand({ devices: [bus] })
    await stand.hall.send(bus, bus.batch(1, 3))
    const { json } = await (await browserOf(stand, 'viewer')).get('/api/showings')
    expect(json.showings.map(({ note }: { note: unknown }) => note)).toEqual([
      null,
      null,
      { zh: '8路 上行 第3站 · 学生 1.00元', en: 'line 8 up, stop 3 · student ¥1.00' },
    ])
  })

  it.each(['0', '-1', '1.5', '501', 'many', '', '1e2'])('refuses the limit %s and says what it takes', async limit => {
    const { browser } = await hallWithShowings()
    const { status, json } = await browser.get(`/api/showings?limit=${limit}`)
    expect(status).toBe(400)
    expect(json.message).toContain('from 1 to 500')
  })
})

describe('all about one device', () => {
  it('is how it is, who it is, what is wanted of it and what it says it does', async () => {
    const { door, stand } = await hallWithShowings()
    const browser = await browserOf(stand, 'technician')
    const set = await browser.ask('PUT', '/api/devices/hall-door-1/desired', {
      body: { config: { logLevel: 'warn' }, purpose: '安静些 less noise' },
    })
    expect(set).toMatchObject({ status: 200, json: { version: 1 } })
    const reported = { version: 1, appliedMs: START_MS, config: { logLevel: 'warn', healthSeconds: 30 } }
    await stand.hall.deliver(door, 'reported', say(reported))
    const { json } = await browser.get('/api/devices/hall-door-1')
    expect(json.device).toMatchObject({
      device: 'hall-door-1',
      site: 'hall',
      connected: true,
      enrolledMs: expect.any(Number),
      revoked: null,
      certificates: [
        { serial: expect.any(String), issuedMs: START_MS, notAfterMs: expect.any(Number), revokedMs: null },
      ],
      keys: [{ publicKey: door.listed.publicKey, untilMs: null, endReason: null }],
      desired: { version: 1, config: { logLevel: 'warn' }, setBy: 'technician' },
      reported,
    })
  })

  it('says when and why it was revoked', async () => {
    const { stand } = await hallWithShowings()
    const browser = await browserOf(stand, 'security-administrator')
    await browser.post('/api/devices/hall-door-1/revocation', { reason: '失窃 stolen' })
    const { json } = await browser.get('/api/devices/hall-door-1')
    expect(json.device.revoked).toEqual({ timeMs: expect.any(Number), reason: '失窃 stolen' })
    expect(json.device.keys[0].endReason).toBe('revoked')
  })

  it.each(['hall-door-9', 'constructor', '--proto--'])(
    'is not to be had of %s, which is none of ours',
    async device => {
      const { browser } = await hallWithShowings()
      expect(await browser.get(`/api/devices/${device}`)).toMatchObject({
        status: 404,
        json: { error: 'device-unknown' },
      })
    },
  )
})

describe('the event stream', () => {
  it('tells of a showing and of its device as they come', async () => {
    const { door, stand, browser } = await hallWithShowings()
    const events = await eventsOf(browser)
    door.write(1)
    await stand.hall.send(door, door.batch(4, 4))
    expect(await events.next('showing')).toMatchObject({ device: 'hall-door-1', seq: 4, zh: '请通行' })
    expect(await events.next('device')).toMatchObject({ device: 'hall-door-1', storedThrough: 4, recordsStored: 4 })
  })

  it('does not tell of a showing again when it is delivered again', async () => {
    const { door, stand, browser } = await hallWithShowings()
    const events = await eventsOf(browser)
    await stand.hall.send(door, door.batch(1, 3))
    door.write(1)
    await stand.hall.send(door, door.batch(4, 4))
    expect(await events.next('showing')).toMatchObject({ seq: 4 })
  })

  it('tells of an order and of its result', async () => {
    const { stand, browser } = await hallWithShowings()
    const events = await eventsOf(browser)
    const view: OrderView = {
      device: 'hall-door-1',
      id: '00'.repeat(16),
      name: 'open-once',
      args: { seconds: 3 },
      issuedMs: START_MS,
      expiresMs: START_MS + 30_000,
      issuedBy: 'li',
      purpose: '访客 visitor',
      state: 'done',
      result: { ok: true, detail: '', timeMs: START_MS + 900 },
    }
    stand.hall.feed.publish({ kind: 'command', view })
    expect(await events.next('command')).toEqual(view)
  })

  it('carries the headers of every answer', async () => {
    const { browser } = await hallWithShowings()
    const { headers } = await eventsOf(browser)
    expect(headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'strict-transport-security': 'max-age=31536000',
    })
  })

  it('ends soon after a log-out, not waiting for a beat, and for whoever is disabled', async () => {
    const { stand, browser } = await hallWithShowings({ checkMs: 30 })
    await browserOf(stand, 'security-administrator', 'boss')
    const other = await browserOf(stand, 'operator', 'li')
    const [first, second] = [await eventsOf(browser), await eventsOf(other)]
    const ended = expect(first.next('showing')).rejects.toThrow('the stream ended')
    await browser.ask('DELETE', '/api/session')
    await ended
    stand.operators.setDisabled('li', true, 'boss')
    await expect(second.next('showing')).rejects.toThrow('the stream ended')
  })

  it('does not keep a session alive by being open', async () => {
    const { stand, browser } = await hallWithShowings({ heartbeatMs: 30, checkMs: 30 })
    const events = await eventsOf(browser)
    await events.next('beat')
    stand.wait(31 * 60_000)
    await expect(events.next('showing')).rejects.toThrow('the stream ended')
    expect((await browser.get('/api/session')).status).toBe(401)
  })

  it('takes twenty pages of one operator, and still one of another', async () => {
    const { stand, browser } = await hallWithShowings()
    const pages = await Promise.all(Array.from({ length: 20 }, () => browser.openUnpooled('GET', '/api/events')))
    expect(pages.every(({ statusCode }) => statusCode === 200)).toBe(true)
    const full = await browser.get('/api/events')
    expect(full).toMatchObject({ status: 503, json: { error: 'too-many-watchers' }, headers: { 'retry-after': '10' } })
    await eventsOf(await browserOf(stand, 'operator', 'li'))
  })

  it('ends when the controller stops', async () => {
    const { stand, browser } = await hallWithShowings()
    const events = await eventsOf(browser)
    const ended = expect(events.next('showing')).rejects.toThrow()
    await stand.server.close()
    await ended
  })
})
