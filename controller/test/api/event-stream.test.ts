import { once } from 'node:events'
import { createServer, type IncomingMessage, request } from 'node:http'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { EventStream } from '../../src/api/event-stream.ts'
import { LiveFeed } from '../../src/fleet/live-feed.ts'
import type { DeviceView } from '../../src/fleet/views.ts'

const VIEW: DeviceView = {
  site: 'hall',
  device: 'hall-door-1',
  state: 'ready',
  scene: 'x'.repeat(100_000),
  recordsStored: 0,
  showingsStored: 0,
  duplicates: 0,
  gaps: 0,
  backlog: 0,
  head: null,
  storedThrough: 0,
  lastSeenMs: null,
  lastShowing: null,
  lastAlarm: null,
  connected: true,
  bootedMs: null,
  firmware: null,
  hardware: null,
  clock: null,
  lockdown: null,
  reported: null,
  desiredVersion: 0,
  quarantined: 0,
  revoked: false,
}

async function watched() {
  const feed = new LiveFeed()
  const stream = new EventStream(feed)
  const server = createServer((_request, response) =>
    stream.add({ response, headers: {}, mayGoOn: () => true, actor: 'li' }),
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  const client = request({ port: typeof address === 'object' ? address?.port : 0, host: '127.0.0.1' })
  client.on('error', () => client.destroy())
  client.end()
  const [response]: IncomingMessage[] = await once(client, 'response')
  return { feed, stream, client, response }
}

it('drops a client that does not read, instead of keeping everything for it', async () => {
  const { feed } = await watched()
  let sent = 0
  // the client never reads: what kernel and stream hold fills up, then it is cut off
  for (; sent < 1000 && feed.isWatched; sent++) {
    feed.publish({ kind: 'device', view: VIEW })
    await nextTurn()
  }
  expect(feed.isWatched).toBe(false)
  expect(sent).toBeGreaterThan(10)
})

it('keeps a client that reads', async () => {
  const { feed, response } = await watched()
  let received = 0
  response?.on('data', (chunk: Buffer) => {
    received += chunk.length
  })
  for (let sent = 1; sent <= 200; sent++) {
    feed.publish({ kind: 'device', view: VIEW })
    while (received < sent * 100_000) await nextTurn()
  }
  expect(feed.isWatched).toBe(true)
})

it('forgets a client that has gone', async () => {
  const { feed, client } = await watched()
  client.destroy()
  while (feed.isWatched) await nextTurn()
  expect(feed.isWatched).toBe(false)
})
