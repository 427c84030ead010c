import { constants } from 'node:crypto'
import { createServer, type Server, type TLSSocket, type TlsOptions } from 'node:tls'

/** PEM. */
export interface TlsMaterial {
  readonly certificatePem: string
  readonly keyPem: string
  /** Whose client certificates are taken. */
  readonly caPem: string
}

/**
 * No session is resumed and nothing renegotiated: who connects proves its key each time. No curve that costs this side
 * more than the other.
 */
function tlsOptions({ certificatePem, keyPem, caPem }: TlsMaterial): TlsOptions {
  return {
    cert: certificatePem,
    key: keyPem,
    ca: caPem,
    requestCert: true,
    rejectUnauthorized: false, // judged after the handshake, so that the log can say what was wrong
    minVersion: 'TLSv1.2',
    ciphers: [
      'TLS_AES_128_GCM_SHA256',
      'TLS_AES_256_GCM_SHA384',
      'TLS_CHACHA20_POLY1305_SHA256',
      'ECDHE-ECDSA-AES128-GCM-SHA256',
      'ECDHE-ECDSA-AES256-GCM-SHA384',
      'ECDHE-ECDSA-CHACHA20-POLY1305',
    ].join(':'),
    ecdhCurve: 'X25519:P-256',
    secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
  }
}

interface TlsEvents {
  readonly onSecure: (socket: TLSSocket) => void
  readonly onFailed: (socket: TLSSocket, error: Error) => void
}

/** Shakes hands on sockets it is given; it listens nowhere. `handshakeMs` is for those nobody else has ended. */
export function tlsServer(material: TlsMaterial, handshakeMs: number, { onSecure, onFailed }: TlsEvents): Server {
  const server = createServer({ ...tlsOptions(material), handshakeTimeout: handshakeMs })
  server.on('secureConnection', onSecure)
  server.on('tlsClientError', (error, socket) => onFailed(socket, error))
  return server
}

/** For handshakes from now on. */
export function changeCertificate(server: Server, material: TlsMaterial): void {
  server.setSecureContext(tlsOptions(material))
}
