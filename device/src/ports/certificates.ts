import type { DeviceAddress, PrivateKey } from '@ankang/protocol'

export interface CertificateRequest {
  /** PKCS#10. */
  readonly pem: string
  readonly der: Uint8Array
}

/** What a certificate says of its holder. */
export interface CertificateFacts {
  readonly der: Uint8Array
  /** This one certificate alone, whatever stood behind it in what was read. */
  readonly pem: string
  /** Its common name. */
  readonly device: string | null
  /** Its organisation. */
  readonly site: string | null
  /** Hex. */
  readonly serial: string
  readonly notBeforeMs: number
  readonly notAfterMs: number
}

/** Contract: nothing here asks what time it is; `read` and `isFor` never throw on what they are given. */
export interface Certificates {
  /** Signed by `lineKey`, which is Ed25519 or P-256. */
  request(address: DeviceAddress, lineKey: PrivateKey): Promise<CertificateRequest>
  /** The first certificate in `pem`; null where there is none. */
  read(pem: string): CertificateFacts | null
  /** Whether `ca` has signed `pem`, and `pem` is for `lineKey`. */
  isFor(pem: string, ca: string, lineKey: PrivateKey): boolean
}
