import { readFile } from 'node:fs/promises'
import { type EnrolmentAnchors, EnvironmentError, enrolmentPin } from '@ankang/protocol'
import type { CertificateAuthority } from './certificate-authority.ts'

interface AnchorParts {
  readonly authority: CertificateAuthority
  /** The trust file that boxes are to believe. */
  readonly trustFile: string
}

async function readTrust(file: string): Promise<{ readonly bytes: Uint8Array; readonly text: string }> {
  try {
    const bytes = await readFile(file)
    return { bytes, text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) }
  } catch (error) {
    throw new EnvironmentError(
      'trust-unreadable',
      `cannot read the trust file ${file}, which every box is given; put one there, in UTF-8`,
      { cause: error, retryable: false, details: { file } },
    )
  }
}

/** What a box is to believe from its first day on, as it is now. Throws `trust-unreadable`. */
export async function readAnchors({ authority, trustFile }: AnchorParts): Promise<EnrolmentAnchors> {
  return { ca: authority.certificatePem, trust: (await readTrust(trustFile)).text }
}

/** By what it knows them. Codes made before the trust file changed fit no more. Throws `trust-unreadable`. */
export async function readPin({ authority, trustFile }: AnchorParts): Promise<Uint8Array> {
  return enrolmentPin(authority.certificateDer, (await readTrust(trustFile)).bytes)
}
