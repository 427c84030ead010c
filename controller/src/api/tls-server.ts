import { constants, X509Certificate } from 'node:crypto'
import type { Server, ServerOptions } from 'node:https'
import type { Socket } from 'node:net'
import { placeOf } from '../people/client.ts'
import type { HttpLimits } from './http-limits.ts'

/** PEM; the certificate's issuers may follow it. */
export interface ServerCertificate {
  readonly certificatePem: string
  readonly keyPem: string
}

function certificateOptions({ certificatePem, keyPem }: ServerCertificate) {
  return {
    cert: certificatePem,
    key: keyPem,
    minVersion: 'TLSv1.2',
    ciphers: [
      'TLS_AES_128_GCM_SHA256',
      'TLS_AES_256_GCM_SHA384',
      'TLS_CHACHA20_POLY1305_SHA256',
      // a certificate that was given may hold an RSA key
      ...['ECDSA', 'RSA'].flatMap(kind => [
        `ECDHE-${kind}-AES128-GCM-SHA256`,
        `ECDHE-${kind}-AES256-GCM-SHA384`,
        `ECDHE-${kind}-CHACHA20-POLY1305`,
      ]),
    ].join(':'),
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
  } as const
}

export function tlsServerOptions(certificate: ServerCertificate, limits: HttpLimits): ServerOptions {
  return {
    ...certificateOptions(certificate),
    handshakeTimeout: limits.handshakeMs,
    headersTimeout: limits.headersMs,
    connectionsCheckingInterval: limits.checkMs,
    maxHeaderSize: limits.headerBytes,
  }
}

/** For handshakes from now on. Throws what is wrong with it, and goes on with the one before. */
export function replaceCertificate(server: Server, certificate: ServerCertificate): void {
  server.setSecureContext(certificateOptions(certificate))
}

export function notAfterMs({ certificatePem }: ServerCertificate): number {
  return Date.parse(new X509Certificate(certificatePem).validTo)
}

/** Nobody gets so many connections that there are none for the others. */
export function boundConnections(server: Server, { connections, connectionsPerPlace }: HttpLimits): void {
  const places = new Map<string, number>()
  server.maxConnections = connections
  server.on('connection', (socket: Socket) => {
    const place = placeOf(socket.remoteAddress ?? '')
    const count = (places.get(place) ?? 0) + 1
    places.set(place, count)
    socket.once('close', () => {
      const left = (places.get(place) ?? 1) - 1
      if (left > 0) places.set(place, left)
      else places.delete(place)
    })
    if (count > connectionsPerPlace) socket.destroy()
  })
}
