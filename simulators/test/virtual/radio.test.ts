import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Radio } from '../../src/virtual/radio.ts'

/** A broker that says back what it hears. */
async function echoBroker() {
  const connected = new Set<Socket>()
  const server = createServer(socket => {
    connected.add(socket)
    socket.once('close', () => connected.delete(socket))
    socket.on('error', () => undefined)
    socket.pipe(socket)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of connected) socket.destroy()
    server.close()
  })
  return { url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`, connected, server }
}

async function openRadio(brokerUrl: string): Promise<Radio> {
  const radio = await Radio.open(brokerUrl)
  onTestFinished(() => radio.close())
  return radio
}

async function connectTo({ url }: Radio): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  return socket
}

async function echoed(socket: Socket, text: string): Promise<string> {
  const answer = once(socket, 'data')
  socket.write(text)
  return String((await answer)[0])
}

describe('a radio', () => {
  it('carries both ways', async () => {
    const radio = await openRadio((await echoBroker()).url)
    expect(await echoed(await connectTo(radio), 'hello')).toBe('hello')
  })

  it('breaks off what is connected when it is cut, at both ends', async () => {
    const broker = await echoBroker()
    const radio = await openRadio(broker.url)
    const device = await connectTo(radio)
    await echoed(device, 'hello')
    const [far] = broker.connected
    const ended = Promise.all([once(device, 'close'), once(far ?? expect.fail('not connected'), 'close')])
    radio.cut()
    await ended
    expect(radio.hasSignal).toBe(false)
  })

  it('lets nothing through to the broker while it is cut', async () => {
    const broker = await echoBroker()
    const radio = await openRadio(broker.url)
    radio.cut()
    await once(await connectTo(radio), 'close')
    expect(broker.connected.size).toBe(0)
  })

  it('carries again once it is restored', async () => {
    const radio = await openRadio((await echoBroker()).url)
    radio.cut()
    radio.restore()
    expect(await echoed(await connectTo(radio), 'hello again')).toBe('hello again')
  })

  it('ends the device’s connection when the broker goes away', async () => {
    const broker = await echoBroker()
    const device = await connectTo(await openRadio(broker.url))
    await echoed(device, 'hello')
    const ended = once(device, 'close')
    for (const socket of broker.connected) socket.destroy()
    await ended
  })

  it('may be closed twice, and is nothing to connect to then', async () => {
    const radio = await openRadio((await echoBroker()).url)
    await radio.close()
    await radio.close()
    const socket = connect(Number(new URL(radio.url).port), '127.0.0.1')
    const [error] = await once(socket, 'error')
    expect(error).toMatchObject({ code: 'ECONNREFUSED' })
  })
})
