import { MemoryKeep } from '../../src/testing/memory-keep.ts'
import { keepContract } from './keep-contract.ts'

keepContract('the keep in memory', () => {
  const keep = new MemoryKeep()
  return {
    reopen: () => keep,
    breakHardware: () => keep.failure.begin(),
    repairHardware: () => keep.failure.end(),
    spoil: () => keep.spoil(),
  }
})
