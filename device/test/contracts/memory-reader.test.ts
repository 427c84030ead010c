import { utf8 } from '@ankang/protocol'
import { it } from 'vitest'
import { MemoryReader } from '../../src/testing/memory-reader.ts'
import { readerContract } from './reader-contract.ts'

readerContract(
  'the memory reader',
  async () => {
    const reader = new MemoryReader('memory')
    return {
      reader,
      codes: [utf8('first'), utf8('second')],
      present: async code => reader.present(code),
      breakHardware: async () => reader.fail('unplugged by the test'),
      repairHardware: async () => reader.recover(),
    }
  },
  it,
)
