import { MemoryIdentity } from '../../src/testing/memory-identity.ts'
import { boxKeys } from '../fixtures/enrolling-box.ts'
import { identityContract } from './identity-contract.ts'

identityContract('the identity in memory', async () => new MemoryIdentity(boxKeys))
