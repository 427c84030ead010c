import { createPrivateKey, createPublicKey, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import {
  EnvironmentError,
  exportPrivateKeyPem,
  importPrivateKeyPem,
  type PrivateKey,
  parseHex,
  privateKeyFromSeed,
  UsageError,
} from '@ankang/protocol'

/** Mode of a file that nobody else may read. */
export const OWNER_ONLY = 0o600
const SECRET_BYTES = 32
/** PKCS#8 of a raw X25519 key starts with these bytes. Source: RFC 8410 §7. */
const X25519_PKCS8_PREFIX = Buffer.from('302e020100300506032b656e04220420', 'hex')

/** Writes a whole file or none: a half-written trust file must never be read. Throws `home-not-writable`. */
export function writeWholeFile(path: string, text: string, mode = 0o644): void {
  const draft = `${path}.${process.pid}.draft`
  try {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(draft, text, { mode })
    renameSync(draft, path)
  } catch (error) {
    if (existsSync(draft)) rmSync(draft)
    throw new EnvironmentError(
      'home-not-writable',
      `无法写入 ${path} · cannot write ${path}; choose another folder with --home, or make room and check its owner`,
      { cause: error, retryable: false, details: { path } },
    )
  }
}

function readOrMake(path: string, make: () => string): string {
  if (!existsSync(path)) writeWholeFile(path, make(), OWNER_ONLY)
  return readFileSync(path, 'utf8')
}

/** The Ed25519 key in `path`, made there when absent (PKCS#8 PEM, owner only). Throws `private-key-expected`. */
export function keepSigningKey(path: string): PrivateKey {
  return importPrivateKeyPem(readOrMake(path, () => exportPrivateKeyPem(privateKeyFromSeed(randomBytes(32)))))
}

/** The 32 secret bytes in `path` as hex, drawn when absent (owner only). Throws `secret-expected`. */
export function keepSecret(path: string): Uint8Array {
  const secret = parseHex(readOrMake(path, () => `${randomBytes(SECRET_BYTES).toString('hex')}\n`).trim())
  if (secret?.length === SECRET_BYTES) return secret
  throw new UsageError(
    'secret-expected',
    `${path}: expected ${SECRET_BYTES} bytes as hex; remove the file to have a new one made`,
  )
}

/** The public half of a raw X25519 secret. */
export function x25519PublicKey(secret: Uint8Array): Uint8Array {
  const key = createPrivateKey({ key: Buffer.concat([X25519_PKCS8_PREFIX, secret]), format: 'der', type: 'pkcs8' })
  const { x } = createPublicKey(key).export({ format: 'jwk' })
  return new Uint8Array(Buffer.from(x ?? '', 'base64url'))
}
