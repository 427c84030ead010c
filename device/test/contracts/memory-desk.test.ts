import { MemoryDesk } from '../../src/testing/memory-desk.ts'
import { testCentre } from '../fixtures/test-centre.ts'
import { deskContract } from './desk-contract.ts'

deskContract('the desk in memory', async () => {
  const centre = await testCentre()
  const desk = new MemoryDesk({ anchors: centre.anchors, answer: heard => centre.answer(heard) })
  return {
    desk,
    centre,
    away: async () => {
      desk.isReachable = false
    },
  }
})
