import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { EnvironmentError, UsageError } from '@ankang/protocol'
import { readPrivateIfThere, settleFile } from '../identity/private-file.ts'

const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16
const CIPHER = 'aes-256-gcm'

/** Keeps second factors' secrets unreadable in the store and its backups: whoever has the store alone has none of them. */
export class PeopleKey {
  readonly #key: Uint8Array

  /** 32 bytes. */
  constructor(key: Uint8Array) {
    this.#key = key
  }

  /** nonce ‖ ciphertext ‖ tag, bound to `operator`: moved to somebody else's row it does not open. */
  seal(secret: Uint8Array, operator: string): Uint8Array {
    const nonce = randomBytes(NONCE_BYTES)
    const cipher = createCipheriv(CIPHER, this.#key, nonce).setAAD(Buffer.from(operator))
    return new Uint8Array(Buffer.concat([nonce, cipher.update(secret), cipher.final(), cipher.getAuthTag()]))
  }

  /** Throws `people-key-foreign` on anything this key has not sealed for `operator`. */
  open(sealed: Uint8Array, operator: string): Uint8Array {
    try {
      const nonce = sealed.subarray(0, NONCE_BYTES)
      const tag = sealed.subarray(sealed.length - TAG_BYTES)
      const decipher = createDecipheriv(CIPHER, this.#key, nonce, { authTagLength: TAG_BYTES })
        .setAAD(Buffer.from(operator))
        .setAuthTag(tag)
      const opened = decipher.update(sealed.subarray(NONCE_BYTES, sealed.length - TAG_BYTES))
      return new Uint8Array(Buffer.concat([opened, decipher.final()]))
    } catch (error) {
      throw new EnvironmentError(
        'people-key-foreign',
        `expected the people.key with which the second factor of ${operator} was sealed; restore that file, or run: ankang operator reset --name ${operator}`,
        { cause: error, retryable: false, details: { operator } },
      )
    }
  }
}

/** The key in `file`, made when there is none. Throws `key-file-open`, `file-unreadable`, `file-unwritable`, `people-key-invalid`. */
export async function openPeopleKey(file: string): Promise<PeopleKey> {
  const text =
    (await readPrivateIfThere(file)) ??
    (await settleFile(file, `${randomBytes(KEY_BYTES).toString('base64')}\n`, 0o600))
  const key = Buffer.from(text.trim(), 'base64')
  if (key.length === KEY_BYTES) return new PeopleKey(new Uint8Array(key))
  throw new UsageError(
    'people-key-invalid',
    `${file}: expected ${KEY_BYTES} bytes in base64, got ${key.length}; restore the file, or move it away and reset every operator`,
    { details: { file } },
  )
}
