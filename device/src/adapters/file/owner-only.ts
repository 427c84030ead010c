import { statSync } from 'node:fs'
import { UsageError } from '@ankang/protocol'

/** What others can read is no secret. Throws `key-file-open`. */
export function insistOnOwnerOnly(path: string): void {
  const mode = statSync(path).mode & 0o777
  if ((mode & 0o077) !== 0) {
    throw new UsageError(
      'key-file-open',
      `${path}: expected to be readable by its owner alone (0600), it is 0${mode.toString(8)}; run chmod 600 on it`,
    )
  }
}
