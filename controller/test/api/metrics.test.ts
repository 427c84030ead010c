import { expect, it } from 'vitest'
import { done } from '../fixtures/people-stand.ts'
import { SigningDevice } from '../fixtures/signing-device.ts'
import { apiStand, browserOf } from './fixtures/api-stand.ts'

interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** By the text format’s own grammar, 0.0.4, where numbers are as Go reads them; fails on a line that is none. */
function samplesOf(text: string): readonly Sample[] {
  return text
    .split('\n')
    .filter(line => line !== '' && !/^# (HELP|TYPE) /.test(line))
    .map(line => {
      const [, name, labels = '', value] =
        /^([a-z_][a-z0-9_]*)(?:\{(.*)\})? (-?[0-9.e+-]+|NaN|Nan|[+-]?Inf)$/.exec(line) ??
        expect.fail(`no sample: ${line}`)
      const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key, text]) => [key, text])
      return { name: name ?? '', labels: Object.fromEntries(pairs), value: Number(value) }
    })
}

async function standWithMetrics() {
  const door = new SigningDevice().write(5)
  const stand = await apiStand({ devices: [door, new SigningDevice({ device: 'hall-door-2' })] })
  const { token } = done(stand.tokens.create({ name: 'prometheus' }, 'local:test'))
  const program = stand.browser({ userAgent: 'Prometheus/3' })
  const scrape = async () => {
    const answer = await program.get('/metrics', { headers: { authorization: `Bearer ${token}` } })
    expect(answer.status).toBe(200)
    return { ...answer, samples: samplesOf(answer.text) }
  }
  const figure = async (wanted: string, labels: object = {}) => {
    const { samples } = await scrape()
    return samples.find(
      ({ name, labels: has }) => name === wanted && Object.entries(labels).every(([k, v]) => has[k as string] === v),
    )?.value
  }
  return { door, stand, scrape, figure }
}

it('gives the store, devices and refusals as they are when somebody asks', async () => {
  const { door, stand, figure } = await standWithMetrics()
  expect(await figure('ankang_records_stored')).toBe(0)
  await stand.hall.send(door, door.batch(1, 3))
  await stand.hall.deliver(door, 'records', Buffer.from('junk'))
  expect(await figure('ankang_records_stored')).toBe(3)
  expect(await figure('ankang_showings_stored')).toBe(3)
  expect(await figure('ankang_batches_stored')).toBe(1)
  expect(await figure('ankang_backlog_records')).toBe(2)
  expect(await figure('ankang_gaps')).toBe(0)
  expect(await figure('ankang_duplicates_stored')).toBe(0)
  expect(await figure('ankang_refusals_total', { reason: 'malformed' })).toBe(1)
  expect(await figure('ankang_devices', { state: 'unknown' })).toBe(2)
  expect(await figure('ankang_devices', { state: 'ready' })).toBe(0)
  await stand.hall.deliver(door, 'state', Buffer.from('{"state":"ready"}'))
  expect(await figure('ankang_devices', { state: 'ready' })).toBe(1)
  // a counter that is read again is not counted again
  expect(await figure('ankang_refusals_total', { reason: 'malformed' })).toBe(1)
})

it('counts people who are logged in and entries of the audit log, and names nobody', async () => {
  const { stand, scrape, figure } = await standWithMetrics()
  const before = (await figure('ankang_audit_entries')) ?? 0
  const browser = await browserOf(stand, 'viewer', 'zhang-san')
  await browser.get('/api/devices/hall-door-1')
  expect(await figure('ankang_sessions')).toBe(1)
  expect(await figure('ankang_audit_entries')).toBeGreaterThan(before)
  const { text } = await scrape()
  expect(text).not.toMatch(/zhang-san|prometheus"|hall-door|test browser|127\.0\.0\.1/)
})

it('counts answers by route, and strangers’ inventions as one', async () => {
  const { stand, scrape, figure } = await standWithMetrics()
  const browser = await browserOf(stand, 'viewer')
  for (const device of ['a', 'b', 'c']) await browser.get(`/api/devices/${device}`)
  for (const path of ['/x1', '/x2', '/x3']) await browser.ask('PURGE', path)
  await browser.get('/page.js')
  expect(await figure('ankang_http_requests_total', { path: '/api/devices/:device', status: '404' })).toBe(3)
  expect(await figure('ankang_http_requests_total', { path: 'none', method: 'other' })).toBe(3)
  expect(await figure('ankang_http_requests_total', { path: 'page', status: '200' })).toBe(1)
  expect((await scrape()).text).not.toMatch(/x1|PURGE/)
})

it('tells when its certificate runs out, how long commits take, how the process does, all under one prefix', async () => {
  const { stand, scrape, figure } = await standWithMetrics()
  stand.metrics.observeCommit(0.003)
  stand.metrics.observeCommit(30)
  const notAfter = await figure('ankang_server_certificate_not_after_timestamp_seconds')
  expect(notAfter).toBe(stand.server.certificateNotAfterMs() / 1000)
  expect(await figure('ankang_commit_duration_seconds_bucket', { le: '0.005' })).toBe(1)
  expect(await figure('ankang_commit_duration_seconds_count')).toBe(2)
  const { samples, headers, text } = await scrape()
  expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
  const names = new Set(samples.map(({ name }) => name))
  expect([...names].filter(name => !name.startsWith('ankang_'))).toEqual([])
  for (const name of [
    'ankang_process_resident_memory_bytes',
    'ankang_nodejs_eventloop_lag_p99_seconds',
    'ankang_process_cpu_seconds_total',
    'ankang_connections',
    'ankang_store_bytes',
    'ankang_certificates_expiring',
    'ankang_event_streams',
  ])
    expect(names, name).toContain(name)
  expect(text).not.toMatch(/_(ms|milliseconds|minutes|kb|megabytes)\b/)
})

it('lives as long as the process answers, and is ready when its parts are', async () => {
  const { stand } = await standWithMetrics()
  const probe = stand.browser()
  expect(await probe.get('/readyz')).toMatchObject({ status: 200, json: { ok: true } })
  stand.ready['store'] = false
  expect(await probe.get('/readyz')).toMatchObject({
    status: 503,
    json: { error: 'not-ready', message: '尚未就绪 · not ready: store' },
  })
  expect(await probe.get('/healthz')).toMatchObject({ status: 200, json: { ok: true } })
})
