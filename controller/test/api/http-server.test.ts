import { encodeBody } from '@ankang/protocol'
import { describe, expect, it } from 'vitest'
import { rideBody } from '../fixtures/bus-rides.ts'
import { eventReader } from '../fixtures/event-reader.ts'
import { deviceLine, runningController } from '../fixtures/running-controller.ts'
import { SigningDevice, START_MS, showingBody } from '../fixtures/signing-device.ts'

async function getJson(url: string) {
  const response = await fetch(url)
  return { status: response.status, headers: response.headers, body: await response.json() }
}

async function hallWithShowings() {
  const door = new SigningDevice({ seed: Buffer.alloc(32, 1) })
  const idle = new SigningDevice({ device: 'hall-door-2', seed: Buffer.alloc(32, 2) })
  const controller = await runningController([door, idle])
  const line = await deviceLine(controller, door)
  door.write(2).write(1, () => ({ outcome: 'deny', reason: 'proof-stale', colour: 'unknown' }))
  await line.ask('records', door.batch(1, 3))
  return { door, idle, controller, line }
}

describe('the API', () => {
  it('sums up the store', async () => {
    const { controller } = await hallWithShowings()
    const { body } = await getJson(`${controller.httpUrl}api/summary`)
    expect(body).toEqual({ records: 3, showings: 3, duplicates: 0, gaps: 0, devices: 2 })
  })

  it('gives showings, newest first, with their reason in both languages', async () => {
    const { door, controller } = await hallWithShowings()
    const { body } = await getJson(`${controller.httpUrl}api/showings?limit=2`)
    expect(body.showings).toHaveLength(2)
    expect(body.showings[0]).toEqual({
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
    expect(body.showings[1]).toMatchObject({
      seq: 2,
      reason: 'ok',
      zh: '请通行',
      symbol: 'tick',
      signalColour: 'green',
    })
  })

  it('gives every listed device, heard or not', async () => {
    const { controller, line } = await hallWithShowings()
    const events = await eventReader(`${controller.httpUrl}api/events`)
    await line.say('state', { state: 'ready', scene: 'hall-door' }, true)
    await events.next('device')
    await line.say('alarms', { timeMs: START_MS, kind: 'door', detail: 'held open' })
    await events.next('device')
    const { body } = await getJson(`${controller.httpUrl}api/devices`)
    expect(body.devices).toEqual([
      expect.objectContaining({
        device: 'hall-door-1',
        state: 'ready',
        scene: 'hall-door',
        recordsStored: 3,
        showingsStored: 3,
        duplicates: 0,
        gaps: 0,
        backlog: 0,
        storedThrough: 3,
        head: { epoch: expect.any(String), seq: 3 },
        lastSeenMs: expect.any(Number),
        lastShowing: expect.objectContaining({ seq: 3, reason: 'proof-stale' }),
        lastAlarm: { timeMs: START_MS, kind: 'door', detail: 'held open' },
      }),
      expect.objectContaining({
        device: 'hall-door-2',
        state: 'unknown',
        head: null,
        lastSeenMs: null,
        lastShowing: null,
        recordsStored: 0,
      }),
    ])
  })

  it('passes on no text of a record that is not a word of ours', async () => {
    const door = new SigningDevice()
    const controller = await runningController([door])
    const line = await deviceLine(controller, door)
    door.writeBytes(encodeBody(showingBody(1, { reason: '张三 341523199001011234', scene: '李四', family: '王五' })))
    await line.ask('records', door.batch(1, 1))
    const text = await (await fetch(`${controller.httpUrl}api/showings`)).text()
    expect(text).not.toMatch(/张三|李四|王五|341523/)
    expect(JSON.parse(text).showings[0]).toMatchObject({
      reason: 'unknown',
      zh: '未知原因',
      scene: 'unknown',
      family: null,
    })
  })

  it('gives what a ride was in a few words, and of a refused showing nothing', async () => {
    const bus = new SigningDevice({ device: 'bus-101' })
      .write(1, () => rideBody({ fareClass: 'student', chargedFen: 100 }))
      .write(1, () => rideBody({}, { outcome: 'deny', reason: 'ride-repeated' }))
      .write(1, () => rideBody({ fareClass: '张三' }))
    const controller = await runningController([bus])
    const line = await deviceLine(controller, bus)
    await line.ask('records', bus.batch(1, 3))
    const { body } = await getJson(`${controller.httpUrl}api/showings`)
    expect(body.showings.map(({ note }: { note: unknown }) => note)).toEqual([
      null,
      null,
      { zh: '8路 上行 第3站 · 学生 1.00元', en: 'line 8 up, stop 3 · student ¥1.00' },
    ])
  })

  it.each(['0', '-1', '1.5', '501', 'many'])('refuses the limit %s and says what it takes', async limit => {
    const controller = await runningController([])
    const { status, body } = await getJson(`${controller.httpUrl}api/showings?limit=${limit}`)
    expect(status).toBe(400)
    expect(body).toEqual({ error: 'limit-invalid', message: expect.stringContaining('from 1 to 500') })
  })

  it('says what there is when asked for what there is not', async () => {
    const controller = await runningController([])
    const { status, body } = await getJson(`${controller.httpUrl}api/people`)
    expect(status).toBe(404)
    expect(body.message).toContain('/api/summary')
  })

  it('sends strict headers with everything', async () => {
    const controller = await runningController([])
    for (const path of ['', 'page.js', 'api/summary', 'nothing']) {
      const { headers } = await fetch(`${controller.httpUrl}${path}`)
      expect(headers.get('content-security-policy')).toContain("default-src 'self'")
      expect(headers.get('x-content-type-options')).toBe('nosniff')
    }
  })

  it('serves no file outside the page’s folder', async () => {
    const controller = await runningController([])
    for (const path of ['../package.json', '..%2fpackage.json', '%2e%2e/package.json'])
      expect((await fetch(`${controller.httpUrl}${path}`)).status).toBeGreaterThanOrEqual(400)
  })

  it('is healthy, and counts what it refused', async () => {
    const { controller, line, door } = await hallWithShowings()
    await line.say('records', Buffer.from('junk'))
    await line.ask('records', door.batch(1, 3))
    const { status, body } = await getJson(`${controller.httpUrl}healthz`)
    expect(status).toBe(200)
    expect(body).toEqual({ ok: true, storeFault: null, refused: { malformed: 1 } })
  })
})

describe('the event stream', () => {
  it('tells of a showing and of its device as they come', async () => {
    const { controller, line, door } = await hallWithShowings()
    const events = await eventReader(`${controller.httpUrl}api/events`)
    door.write(1)
    const receipt = line.ask('records', door.batch(4, 4))
    expect(await events.next('showing')).toMatchObject({
      device: 'hall-door-1',
      seq: 4,
      zh: '请通行',
      en: 'Please go in',
    })
    expect(await events.next('device')).toMatchObject({
      device: 'hall-door-1',
      storedThrough: 4,
      recordsStored: 4,
      backlog: 0,
    })
    await receipt
  })

  it('does not tell of a showing again when it is delivered again', async () => {
    const { controller, line, door } = await hallWithShowings()
    const events = await eventReader(`${controller.httpUrl}api/events`)
    await line.ask('records', door.batch(1, 3))
    door.write(1)
    await line.ask('records', door.batch(4, 4))
    expect(await events.next('showing')).toMatchObject({ seq: 4 })
  })

  it('tells that a device was lost when its connection breaks', async () => {
    const { controller, line } = await hallWithShowings()
    const events = await eventReader(`${controller.httpUrl}api/events`)
    line.client.stream.destroy()
    expect(await events.next('device')).toMatchObject({ device: 'hall-door-1', state: 'lost' })
  })

  it('ends when the controller stops', async () => {
    const { controller } = await hallWithShowings()
    const events = await eventReader(`${controller.httpUrl}api/events`)
    const ended = expect(events.next('showing')).rejects.toThrow()
    await controller.close()
    await ended
  })
})
