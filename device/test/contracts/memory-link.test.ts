import { MemoryLink } from '../../src/testing/memory-link.ts'
import { linkContract } from './link-contract.ts'

linkContract('the link in memory', async () => {
  const link = new MemoryLink()
  return {
    link,
    up: async () => link.up(),
    down: async () => link.down(),
    deliver: async (channel, payload) => link.deliver(channel, payload),
    arrived: async channel => link.saidOn(channel),
  }
})
