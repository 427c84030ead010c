import type { Identity, IdentityFiles, IdentityKeys, NewIdentity } from '../ports/identity-files.ts'
import { MemoryFailure } from './memory-failure.ts'

/** A box's identity without a disk. */
export class MemoryIdentity implements IdentityFiles {
  readonly failure = new MemoryFailure('identity-failed', 'the identity in memory was told to fail')
  readonly #keys: IdentityKeys
  #identity: Identity

  constructor(keys: IdentityKeys, identity: Partial<Identity> = {}) {
    this.#keys = keys
    this.#identity = { ca: null, certificate: null, trust: null, deskUrl: null, ...identity }
  }

  async load(): Promise<Identity> {
    return this.#identity
  }

  async keys(): Promise<IdentityKeys> {
    return this.#keys
  }

  async commit({ ca, certificate, trust, deskUrl }: NewIdentity): Promise<void> {
    this.failure.check()
    this.#identity = { ca, certificate, trust: this.#identity.trust ?? trust, deskUrl }
  }
}
