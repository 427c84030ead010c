import { expect, it } from 'vitest'
import { ManualTimers } from '../../src/testing/manual-timers.ts'
import { MemoryDisplay } from '../../src/testing/memory-display.ts'
import { MemoryRelay } from '../../src/testing/memory-relay.ts'
import { MemoryVoice } from '../../src/testing/memory-voice.ts'
import { displayContract } from './display-contract.ts'
import { relayContract } from './relay-contract.ts'
import { voiceContract } from './voice-contract.ts'

relayContract('the memory relay', () => {
  const timers = new ManualTimers()
  const relay = new MemoryRelay(timers)
  return { relay, timers, isOn: output => relay.isOn(output), breakHardware: () => relay.failure.begin() }
})

voiceContract('the memory voice', () => {
  const voice = new MemoryVoice()
  return { voice, played: () => voice.played, breakHardware: () => voice.failure.begin() }
})

displayContract('the memory display', async () => {
  const display = new MemoryDisplay()
  return {
    display,
    glass: async () => (display.shown.length === 0 ? null : JSON.stringify(display.shown.at(-1))),
    breakHardware: async () => display.failure.begin(),
    repairHardware: async () => display.failure.end(),
  }
})

it('the memory display shows only the newest of those that waited while it was held', async () => {
  const display = new MemoryDisplay()
  const release = display.hold()
  const shows = ['A', 'B', 'C'].map(en => display.show({ kind: 'fault', zh: '', en }))
  release()
  await Promise.all(shows)
  expect(display.shown).toMatchObject([{ en: 'A' }, { en: 'C' }])
})

it('the memory relay tells its movements apart', async () => {
  const timers = new ManualTimers()
  const relay = new MemoryRelay(timers)
  await relay.pulse('door', 100)
  timers.advance(100)
  expect(relay.movements).toEqual([
    { output: 'door', on: true },
    { output: 'door', on: false },
  ])
})
