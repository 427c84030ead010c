import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, Socket } from 'node:net'
import { BugError } from '@ankang/protocol'

/**
 * A bus's mobile line, as a relay between its device and the broker. Where there is no signal, what was connected breaks
 * off and nothing connects: to the device a tunnel, a night in a far depot and a broken aerial are one thing.
 */
export class Radio {
  /** For the device, with the broker's own scheme: TLS goes through it as it is. */
  readonly url: string
  readonly #server: Server
  readonly #broker: { readonly host: string; readonly port: number }
  readonly #ends = new Set<Socket>()
  #hasSignal = true

  private constructor(server: Server, broker: URL) {
    this.#server = server
    this.#broker = { host: broker.hostname, port: Number(broker.port) }
    const { port } = server.address() as AddressInfo
    this.url = `${broker.protocol}//127.0.0.1:${port}`
    server.on('connection', device => this.#connect(device))
  }

  /** A radio with a signal, on a port of its own. `brokerUrl` is `mqtts://host:port`. */
  static async open(brokerUrl: string): Promise<Radio> {
    const broker = new URL(brokerUrl)
    if (broker.port === '') throw new BugError('radio-without-port', `expected mqtts://host:port, got ${brokerUrl}`)
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new Radio(server, broker)
  }

  get hasSignal(): boolean {
    return this.#hasSignal
  }

  cut(): void {
    this.#hasSignal = false
    for (const end of this.#ends) end.destroy()
  }

  restore(): void {
    this.#hasSignal = true
  }

  async close(): Promise<void> {
    this.cut()
    if (!this.#server.listening) return
    const closed = once(this.#server, 'close')
    this.#server.close()
    await closed
  }

  #connect(device: Socket): void {
    if (!this.#hasSignal) return void device.destroy()
    const broker = new Socket().connect(this.#broker)
    this.#join(device, broker)
    this.#join(broker, device)
  }

  /** What one end says goes to the other, and neither outlives it. */
  #join(from: Socket, to: Socket): void {
    this.#ends.add(from)
    from.pipe(to)
    from.on('error', () => undefined) // followed by its close
    from.once('close', () => {
      this.#ends.delete(from)
      to.destroy()
    })
  }
}
