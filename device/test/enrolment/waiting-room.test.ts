import { EnvironmentError, utf8 } from '@ankang/protocol'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { EnrolmentEnd } from '../../src/enrolment/enrol.ts'
import { ENROLMENT_WORDS } from '../../src/enrolment/enrolment-words.ts'
import { WaitingRoom } from '../../src/enrolment/waiting-room.ts'
import { ManualTimers, MemoryDisplay, MemoryReader } from '../../src/testing/index.ts'
import { phoneCode } from '../fixtures/test-world.ts'

const CODE = `AKE1:${'0'.repeat(55)}`
const ENROLLED: EnrolmentEnd = {
  ok: true,
  certificate: {
    der: new Uint8Array(0),
    pem: '',
    device: 'door-1',
    site: 'hall',
    serial: '01',
    notBeforeMs: 0,
    notAfterMs: 1,
  },
}

interface Setting {
  readonly redeem?: (code: string) => Promise<EnrolmentEnd>
}

async function waiting({ redeem = async () => ENROLLED }: Setting = {}) {
  const timers = new ManualTimers()
  const reader = new MemoryReader('scanner', timers.nowMs)
  const display = new MemoryDisplay()
  const logged: Record<string, unknown>[] = []
  const codes: string[] = []
  const disk = { isEnrolled: false }
  const write = (fields: Readonly<Record<string, unknown>>) => void logged.push(fields)
  const room = new WaitingRoom({
    readers: [reader],
    display,
    log: { info: write, warn: write, error: write, setLevel: () => undefined },
    timers,
    redeem: code => {
      codes.push(code)
      return redeem(code)
    },
    isEnrolled: async () => disk.isEnrolled,
  })
  let isOver = false
  room.enrolled.then(() => {
    isOver = true
  })
  await room.start()
  onTestFinished(() => room.stop())
  /** Everything that was begun has ended. */
  const settled = () => new Promise<void>(resolve => setImmediate(resolve))
  const show = async (text: string) => {
    reader.present(utf8(text))
    await settled()
  }
  const words = () =>
    display.shown.map(message => {
      if (message.kind === 'idle') return message.invitation?.zh
      return message.kind === 'result' ? message.reason.zh : message.kind
    })
  /** Success has been read. */
  const isDone = async () => {
    timers.advance(2000)
    await settled()
    return isOver
  }
  return { room, reader, timers, logged, codes, disk, show, settled, words, isOver: () => isOver, isDone }
}

describe('a box that waits for its enrolment', () => {
  it('asks for the code, redeems it when it is shown, and is done', async () => {
    const { show, codes, words, logged, isOver, isDone } = await waiting()
    await show(CODE)
    expect(isOver()).toBe(false)
    expect(codes).toEqual([CODE])
    expect(words()).toEqual(['请出示入网码', '正在入网', '入网成功'])
    expect(logged.map(({ event }) => event)).toEqual(['reader', 'waiting-for-enrolment', 'enrolling', 'enrolled'])
    expect(await isDone()).toBe(true)
  })

  it('lets nobody in, whatever is shown, and goes back to asking', async () => {
    const { show, codes, words, timers, settled, isOver } = await waiting()
    await show(phoneCode())
    await show('hello')
    timers.advance(8000)
    await settled()
    expect(words()).toEqual(['请出示入网码', '设备未入网', '设备未入网', '请出示入网码'])
    expect([codes, isOver()]).toEqual([[], false])
  })

  it.each(['code-used', 'centre-unproven', 'trust-differs'] as const)(
    'says why it is not enrolled: %s',
    async refusal => {
      const { show, words, logged, isOver } = await waiting({ redeem: async () => ({ ok: false, refusal }) })
      await show(CODE)
      expect(words().at(-1)).toBe(ENROLMENT_WORDS[refusal].zh)
      expect(logged.at(-1)).toEqual({ event: 'enrolment-refused', refusal })
      expect(isOver()).toBe(false)
    },
  )

  it('says what is wrong with the line, or with itself, and takes the next code', async () => {
    const faults = [
      new EnvironmentError('desk-unreachable', 'no answer', { retryable: true }),
      new EnvironmentError('something-else', 'what nobody foresaw', { retryable: false }),
    ]
    const { show, words, timers, isDone } = await waiting({
      redeem: async () => {
        const fault = faults.shift()
        if (fault !== undefined) throw fault
        return ENROLLED
      },
    })
    await show(CODE)
    expect(words().at(-1)).toBe('连不上中心')
    timers.advance(5000)
    await show(CODE)
    expect(words().at(-1)).toBe('fault')
    timers.advance(5000)
    await show(CODE)
    expect(await isDone()).toBe(true)
  })

  it('takes a code that is held before the scanner for one try', async () => {
    const { show, codes, timers } = await waiting({ redeem: async () => ({ ok: false, refusal: 'code-expired' }) })
    for (let times = 0; times < 10; times++) {
      await show(CODE)
      timers.advance(1000)
    }
    expect(codes).toHaveLength(1)
    timers.advance(4000)
    await show(CODE)
    expect(codes).toHaveLength(2)
  })

  it('redeems one code at a time', async () => {
    let settle = (_: EnrolmentEnd): void => undefined
    const held = new Promise<EnrolmentEnd>(resolve => {
      settle = resolve
    })
    const { show, codes, settled, isDone } = await waiting({ redeem: () => held })
    await show(CODE)
    await show(`AKE1:${'1'.repeat(55)}`)
    settle(ENROLLED)
    await settled()
    expect([codes, await isDone()]).toEqual([[CODE], true])
  })

  it('notices that it was enrolled from a shell', async () => {
    const { timers, disk, settled, isOver, isDone } = await waiting()
    timers.advance(2000)
    await settled()
    expect(isOver()).toBe(false)
    disk.isEnrolled = true
    timers.advance(2000)
    await settled()
    expect(await isDone()).toBe(true)
  })

  it('waits for an enrolment under way before it stops, and leaves no timer behind', async () => {
    let settle = (_: EnrolmentEnd): void => undefined
    const held = new Promise<EnrolmentEnd>(resolve => {
      settle = resolve
    })
    const { show, room, timers, settled } = await waiting({ redeem: () => held })
    await show(CODE)
    let hasStopped = false
    const stopped = room.stop().then(() => {
      hasStopped = true
    })
    await settled()
    expect(hasStopped).toBe(false)
    settle({ ok: false, refusal: 'code-used' })
    await stopped
    expect(timers.pendingCount).toBe(0)
  })

  it('never logs a code', async () => {
    const { show, logged } = await waiting({ redeem: async () => ({ ok: false, refusal: 'code-unknown' }) })
    await show(CODE)
    expect(JSON.stringify(logged)).not.toContain('0000')
  })
})
