import { connect as connectPlain, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { EnvironmentError, PacketGuard } from '@ankang/protocol'

/** What the two ends of a line prove themselves with, PEM. */
export interface LineMaterial {
  /** The one authority that may vouch for the broker; those of the machine vouch for nobody here. */
  readonly ca: string
  readonly certificate: string
  readonly key: string
}

/** More than anything said to a box today; what a broker announces beyond it would fill the box's memory. */
export const MAX_PACKET_BYTES = 1024 * 1024

const TLS_PORT = 8883
const PLAIN_PORT = 1883

/**
 * Begins a connection to the broker: TLS with `material`, else plain. It ends with `packet-too-large` at the first packet
 * that says it is longer than allowed. Throws where the material is no certificate and key.
 */
export function openLineStream(url: URL, material: LineMaterial | null): Socket {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const socket =
    material === null
      ? connectPlain({ host, port: portOf(url, PLAIN_PORT) })
      : connectTls({
          host,
          port: portOf(url, TLS_PORT),
          // Where there is no name, the address must stand in the broker's certificate. Source: RFC 6066 §3.
          ...(isIP(host) === 0 ? { servername: host } : {}),
          ca: [material.ca],
          cert: material.certificate,
          key: material.key,
          minVersion: 'TLSv1.2',
          rejectUnauthorized: true,
        })
  // Small packets leave at once: kept back for company, each answer comes 40 ms later.
  socket.once('connect', () => socket.setNoDelay(true))
  const guard = new PacketGuard(MAX_PACKET_BYTES)
  socket.on('data', chunk => {
    if (guard.allows(typeof chunk === 'string' ? Buffer.from(chunk) : chunk)) return
    const text = `the broker announced a packet of more than ${MAX_PACKET_BYTES} bytes; the connection was closed`
    socket.destroy(new EnvironmentError('packet-too-large', text, { retryable: true }))
  })
  return socket
}

function portOf({ port }: URL, usual: number): number {
  return port === '' ? usual : Number(port)
}
