import 'reflect-metadata'
import { createPublicKey, webcrypto } from 'node:crypto'
import { type DeviceAddress, type PrivateKey, UsageError } from '@ankang/protocol'
import * as x509 from '@peculiar/x509'
import type { CertificateRequest } from '../../ports/certificates.ts'

x509.cryptoProvider.set(globalThis.crypto)

const P256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const ED25519 = { name: 'Ed25519' } as const

function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails }: PrivateKey): typeof P256 | typeof ED25519 {
  if (asymmetricKeyType === 'ed25519') return ED25519
  if (asymmetricKeyType === 'ec' && asymmetricKeyDetails?.namedCurve === 'prime256v1') return P256
  throw new UsageError('line-key-unsuited', `client key: expected Ed25519 or P-256, got ${asymmetricKeyType}`)
}

/** Asks for a certificate for `lineKey`. Throws `line-key-unsuited`. Source: RFC 2986. */
export async function makeCertificateRequest(
  { site, device }: DeviceAddress,
  lineKey: PrivateKey,
): Promise<CertificateRequest> {
  const algorithm = algorithmOf(lineKey)
  const pkcs8 = lineKey.export({ format: 'der', type: 'pkcs8' })
  const spki = createPublicKey(lineKey).export({ format: 'der', type: 'spki' })
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: [{ O: [site] }, { CN: [device] }],
    keys: {
      privateKey: await webcrypto.subtle.importKey('pkcs8', pkcs8, algorithm, false, ['sign']),
      publicKey: await webcrypto.subtle.importKey('spki', spki, algorithm, true, ['verify']),
    },
    signingAlgorithm: algorithm,
  })
  return { pem: `${request.toString('pem')}\n`, der: new Uint8Array(request.rawData) }
}
