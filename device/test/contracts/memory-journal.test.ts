import { MemoryJournal } from '../../src/testing/memory-journal.ts'
import { TestClock } from '../../src/testing/test-clock.ts'
import { journalContract } from './journal-contract.ts'

journalContract('the memory journal', () => {
  const clock = new TestClock(1_700_000_000_000)
  const journal = new MemoryJournal({
    device: 'door-1',
    publicKey: new Uint8Array(32).fill(7),
    epoch: new Uint8Array(8).fill(9),
    clock,
  })
  return {
    clock,
    journal,
    whileFull: async run => {
      journal.full = true
      const ended = await run()
      journal.full = false
      return ended
    },
  }
})
