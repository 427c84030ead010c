import { readFileSync } from 'node:fs'
import { EnvironmentError } from '@ankang/protocol'
import type { LineMaterial } from '../mqtt/line-stream.ts'
import type { IdentityPaths } from './file-identity.ts'
import { insistOnOwnerOnly } from './owner-only.ts'

/** What the line is proven with, as it stands on the disk now. Throws `line-material-unreadable`, `key-file-open`. */
export function readLineMaterial({ ca, certificate, lineKey }: IdentityPaths): LineMaterial {
  const read = (path: string): string => {
    try {
      return readFileSync(path, 'utf8')
    } catch (error) {
      const text = `${path}: expected a readable file; enrol the box (ankang enrol), or put the file back`
      throw new EnvironmentError('line-material-unreadable', text, { cause: error, retryable: true })
    }
  }
  const material = { ca: read(ca), certificate: read(certificate), key: read(lineKey) }
  insistOnOwnerOnly(lineKey)
  return material
}
