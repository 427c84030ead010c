import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { generate, type Packet, parser } from 'mqtt-packet'
import type { LineIdentity } from '../light-device.ts'
import type { AttackTarget } from './attack.ts'

/** How an attempt ended. */
export type Ending = 'closed' | 'aborted'

function ended(socket: Socket, signal: AbortSignal): Promise<Ending> {
  return new Promise(resolve => {
    const abort = (): void => {
      socket.destroy()
      resolve('aborted')
    }
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    socket.once('close', () => {
      signal.removeEventListener('abort', abort)
      resolve('closed')
    })
  })
}

/** A line without TLS's checks on our side: an attacker believes anybody. */
export class RawLine {
  readonly socket: Socket
  /** Resolves when the far side has closed, or the attack is over. */
  readonly ended: Promise<Ending>
  #heard: Packet[] = []
  #waiting: ((packet: Packet) => void)[] = []

  private constructor(socket: Socket, signal: AbortSignal) {
    this.socket = socket
    socket.on('error', () => undefined) // followed by its close
    this.ended = ended(socket, signal)
    const packets = parser()
    packets.on('packet', packet => {
      const waiting = this.#waiting.shift()
      if (waiting === undefined) this.#heard = [...this.#heard.slice(-100), packet]
      else waiting(packet)
    })
    packets.on('error', () => socket.destroy())
    socket.on('data', bytes => packets.parse(bytes))
  }

  static tcp({ host, mqttPort }: AttackTarget, signal: AbortSignal): RawLine {
    return new RawLine(connectTcp({ host, port: mqttPort }), signal)
  }

  static tls({ host, mqttPort }: AttackTarget, signal: AbortSignal, identity: LineIdentity | null): RawLine {
    const socket: TLSSocket = connectTls({
      host,
      port: mqttPort,
      rejectUnauthorized: false,
      ...(identity === null ? {} : { cert: identity.certificate, key: identity.key }),
    })
    return new RawLine(socket, signal)
  }

  /** The stolen box, let in as itself: what comes now is said by somebody with a good certificate. */
  static async entered(target: AttackTarget, signal: AbortSignal): Promise<RawLine> {
    const line = RawLine.tls(target, signal, target.stolen.identity)
    line.say(connectPacket(target.stolen.device))
    await line.hear()
    return line
  }

  say(packet: Packet): void {
    if (this.socket.writable) this.socket.write(generate(packet))
  }

  /** The next packet that comes; null once the line is closed. */
  async hear(): Promise<Packet | null> {
    const heard = this.#heard.shift()
    if (heard !== undefined) return heard
    const next = new Promise<Packet>(resolve => this.#waiting.push(resolve))
    return Promise.race([next, this.ended.then(() => null)])
  }

  async close(): Promise<void> {
    this.socket.destroy()
    await this.ended
  }
}

export function connectPacket(clientId: string, change: object = {}): Packet {
  return {
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 4,
    clean: true,
    clientId,
    keepalive: 60,
    ...change,
  } as Packet
}
