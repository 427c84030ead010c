import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { RecorderRelay } from '../../../src/adapters/recorder/recorder-relay.ts'
import { RecorderVoice } from '../../../src/adapters/recorder/recorder-voice.ts'
import { ManualTimers } from '../../../src/testing/manual-timers.ts'
import { relayContract } from '../../contracts/relay-contract.ts'
import { voiceContract } from '../../contracts/voice-contract.ts'

function temporaryFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ankang-recorder-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return join(folder, 'recorded.jsonl')
}

function linesOf(file: string) {
  return readFileSync(file, { encoding: 'utf8', flag: 'a+' })
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line))
}

/** No file can be written where a folder stands. */
function block(file: string): void {
  rmSync(file, { force: true })
  mkdirSync(file)
}

relayContract('the recorder relay', () => {
  const timers = new ManualTimers(1000)
  const file = temporaryFile()
  let isBlocked = false
  const relay = new RecorderRelay({ file, outputs: ['door'], nowMs: timers.nowMs, timers })
  return {
    relay,
    timers,
    isOn: output => !isBlocked && (linesOf(file).findLast(line => line.output === output)?.on ?? false),
    breakHardware: () => {
      isBlocked = true
      block(file)
    },
  }
})

voiceContract('the recorder voice', () => {
  const file = temporaryFile()
  const voice = new RecorderVoice({ file, nowMs: () => 5 })
  return { voice, played: () => linesOf(file).map(line => line.clip), breakHardware: () => block(file) }
})

describe('a recorder', () => {
  it('writes when each output moved, beginning with off', async () => {
    const timers = new ManualTimers(1000)
    const file = temporaryFile()
    const relay = new RecorderRelay({ file, outputs: ['door'], nowMs: timers.nowMs, timers })
    timers.advance(500)
    await relay.pulse('door', 3000)
    timers.advance(3000)
    expect(linesOf(file)).toEqual([
      { atMs: 1000, output: 'door', on: false },
      { atMs: 1500, output: 'door', on: true },
      { atMs: 4500, output: 'door', on: false },
    ])
  })

  it('adds to what an earlier run left', () => {
    const file = temporaryFile()
    for (const atMs of [1, 2]) new RecorderRelay({ file, outputs: ['door'], nowMs: () => atMs })
    expect(linesOf(file).map(line => line.atMs)).toEqual([1, 2])
  })

  it('tells when a fall could not be recorded', async () => {
    const timers = new ManualTimers()
    const file = temporaryFile()
    const faults: unknown[] = []
    const relay = new RecorderRelay({ file, nowMs: timers.nowMs, timers, onFault: error => faults.push(error) })
    await relay.pulse('door', 100)
    block(file)
    timers.advance(100)
    expect(faults).toMatchObject([{ code: 'recorder-failed', retryable: true }])
  })

  it('writes when each clip was played', async () => {
    const file = temporaryFile()
    const voice = new RecorderVoice({ file, nowMs: () => 42 })
    await voice.play('welcome')
    await voice.close()
    expect(linesOf(file)).toEqual([{ atMs: 42, clip: 'welcome' }])
  })
})
