import { utf8 } from '@ankang/protocol'
import { describe, expect, it } from 'vitest'
import type { IdentityFiles, NewIdentity } from '../../src/ports/identity-files.ts'

export const FIRST: NewIdentity = {
  ca: 'ca one\n',
  certificate: 'certificate one\n',
  trust: utf8('{"trust": 1}\n'),
  deskUrl: 'https://one:8443',
}
export const SECOND: NewIdentity = {
  ca: 'ca two\n',
  certificate: 'certificate two\n',
  trust: utf8('{"trust": 2}\n'),
  deskUrl: 'https://two:8443',
}

/** What every store of an identity promises. `make` gives an empty one and registers its own clean-up. */
export function identityContract(name: string, make: () => Promise<IdentityFiles>): void {
  describe(`${name} keeps the identity contract`, () => {
    it('is empty before the first commit, and then holds what was committed', async () => {
      const files = await make()
      expect(await files.load()).toEqual({ ca: null, certificate: null, trust: null, deskUrl: null })
      await files.commit(FIRST)
      expect(await files.load()).toEqual(FIRST)
    })

    it('keeps the trust file it has, and takes everything else anew', async () => {
      const files = await make()
      await files.commit(FIRST)
      await files.commit(SECOND)
      expect(await files.load()).toEqual({ ...SECOND, trust: FIRST.trust })
    })

    it('may be committed without a trust file', async () => {
      const files = await make()
      await files.commit({ ...FIRST, trust: null })
      expect(await files.load()).toEqual({ ...FIRST, trust: null })
    })

    it('gives the same keys each time', async () => {
      const files = await make()
      const [one, two] = [await files.keys(), await files.keys()]
      expect([two.device.equals(one.device), two.line.equals(one.line)]).toEqual([true, true])
      expect(one.device.asymmetricKeyType).toBe('ed25519')
    })
  })
}
