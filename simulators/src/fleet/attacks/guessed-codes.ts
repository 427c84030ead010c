import { randomBytes } from 'node:crypto'
import type { Attack } from './attack.ts'
import { guess } from './web-guessing.ts'

const PEM = '-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----\n'

/** Enrolment with guessed codes. */
export const guessedCodes: Attack = {
  name: 'guessed-codes',
  zh: '猜入网码',
  en: 'guessed enrolment codes',
  run: (target, signal) =>
    guess(target, signal, 16, '/enrolment', () => ({
      site: target.victim.site,
      device: target.victim.device,
      publicKey: randomBytes(32).toString('hex'),
      csr: PEM,
      issuedAt: Math.floor(Date.now() / 1000),
      countersignature: randomBytes(64).toString('hex'),
      secret: randomBytes(16).toString('hex'),
    })),
}
