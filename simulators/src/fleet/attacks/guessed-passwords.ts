import { randomBytes } from 'node:crypto'
import type { Attack } from './attack.ts'
import { guess } from './web-guessing.ts'

/** Log-ins with guessed passwords: each would cost a slow hash, were they not held back. */
export const guessedPasswords: Attack = {
  name: 'guessed-passwords',
  zh: '猜口令',
  en: 'guessed passwords',
  run: (target, signal) =>
    guess(target, signal, 16, '/api/session', () => ({
      name: 'admin',
      password: randomBytes(9).toString('base64url'),
    })),
}
