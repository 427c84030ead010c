import { describe } from 'vitest'
import { MemoryPostman } from '../../src/testing/memory-postman.ts'
import { postmanContract } from './postman-contract.ts'

describe('the postman in memory', () => {
  postmanContract(async () => new MemoryPostman())
})
