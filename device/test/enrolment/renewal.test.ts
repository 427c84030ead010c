import { EnvironmentError } from '@ankang/protocol'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { EnrolmentEnd } from '../../src/enrolment/enrol.ts'
import { CertificateRenewal } from '../../src/enrolment/renewal.ts'
import type { CertificateFacts } from '../../src/ports/certificates.ts'
import { ManualTimers, TestClock } from '../../src/testing/index.ts'
import { NOW_SECONDS } from '../fixtures/test-world.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const NOW_MS = NOW_SECONDS * 1000

function certificate(fromMs: number, days: number, serial = '01'): CertificateFacts {
  const notAfterMs = fromMs + days * DAY_MS
  return { der: new Uint8Array(0), pem: '', device: 'door-1', site: 'hall', serial, notBeforeMs: fromMs, notAfterMs }
}

interface Setting {
  readonly days?: number
  readonly draw?: number
  readonly renew?: (renewed: () => EnrolmentEnd) => Promise<EnrolmentEnd>
}

/** A box whose certificate begins now. A renewal gives a new one of the same length, unless told otherwise. */
function box({ days = 90, draw = 0.5, renew = async renewed => renewed() }: Setting = {}) {
  const clock = new TestClock(NOW_MS)
  const timers = new ManualTimers()
  const disk: { current: CertificateFacts | null } = { current: certificate(NOW_MS, days) }
  const renewedAtDays: number[] = []
  const reconnectedAtDays: number[] = []
  const alarms: string[] = []
  const logged: Record<string, unknown>[] = []
  const write = (fields: Readonly<Record<string, unknown>>) => void logged.push(fields)
  const ageDays = () => (clock.nowMs() - NOW_MS) / DAY_MS
  const renewal = new CertificateRenewal({
    current: async () => disk.current,
    renew: () => {
      renewedAtDays.push(ageDays())
      return renew(() => {
        disk.current = certificate(clock.nowMs(), days, `${renewedAtDays.length + 1}`)
        return { ok: true, certificate: disk.current }
      })
    },
    reconnect: () => reconnectedAtDays.push(ageDays()),
    clock,
    timers,
    random: () => draw,
    log: { info: write, warn: write, error: write, setLevel: () => undefined },
    onAlarm: detail => alarms.push(detail),
  })
  onTestFinished(() => renewal.stop())
  const pass = async (ms: number, stepMs = 10 * MINUTE_MS) => {
    for (let passed = 0; passed < ms; passed += stepMs) {
      clock.advance(stepMs)
      timers.advance(stepMs)
      await new Promise<void>(resolve => setImmediate(resolve))
    }
  }
  return { renewal, timers, disk, renewedAtDays, reconnectedAtDays, alarms, logged, pass }
}

describe('the renewal of a certificate', () => {
  it('comes in the last third of its life, and again in that of the next one', async () => {
    const { renewal, renewedAtDays, pass } = box()
    renewal.start()
    await pass(59 * DAY_MS, HOUR_MS)
    expect(renewedAtDays).toEqual([])
    await pass(65 * DAY_MS, HOUR_MS)
    expect(renewedAtDays).toHaveLength(2)
    expect(renewedAtDays[0]).toBeGreaterThan(60)
    expect(renewedAtDays[0]).toBeLessThan(62)
    expect(renewedAtDays[1]).toBeLessThan(124)
  })

  it('comes within a minute of the start when it is due already', async () => {
    const { renewal, disk, renewedAtDays, pass } = box()
    disk.current = certificate(NOW_MS - 80 * DAY_MS, 90)
    renewal.start()
    await pass(MINUTE_MS, MINUTE_MS)
    expect(renewedAtDays).toHaveLength(1)
  })

  it('never lets a certificate of any length run out while somebody answers, whatever is drawn', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        fc.integer({ min: 1, max: 60 }),
        async (draw, days) => {
          const { renewal, disk, pass, alarms } = box({ draw, days })
          renewal.start()
          for (let step = 0; step < 40; step++) {
            await pass((days * DAY_MS) / 20, (days * DAY_MS) / 100)
            expect(disk.current?.notAfterMs).toBeGreaterThan(NOW_MS + ((step + 1) * days * DAY_MS) / 20)
          }
          expect(alarms).toEqual([])
          renewal.stop()
        },
      ),
      { numRuns: 12 },
    )
  })

  it('is tried again within hours while nobody answers, silently at first, with an alarm in the last two weeks', async () => {
    let isAway = true
    const { renewal, renewedAtDays, alarms, logged, pass } = box({
      renew: async renewed => {
        if (isAway) throw new EnvironmentError('desk-unreachable', 'no answer', { retryable: true })
        return renewed()
      },
    })
    renewal.start()
    await pass(75 * DAY_MS, HOUR_MS)
    expect(renewedAtDays.length).toBeGreaterThan(100)
    expect(alarms).toEqual([])
    expect(logged.at(-1)).toMatchObject({ event: 'certificate-not-renewed', daysLeft: 15 })
    await pass(2 * DAY_MS, HOUR_MS)
    expect(alarms[0]).toMatch(/13 days left, is not renewed: desk-unreachable: no answer/)
    isAway = false
    await pass(3 * HOUR_MS, HOUR_MS)
    expect(logged.at(-1)).toEqual({ event: 'certificate-renewed' })
  })

  it('says what the centre refuses it for', async () => {
    const { renewal, disk, alarms, pass } = box({ renew: async () => ({ ok: false, refusal: 'device-revoked' }) })
    disk.current = certificate(NOW_MS - 88 * DAY_MS, 90)
    renewal.start()
    await pass(MINUTE_MS, MINUTE_MS)
    expect(alarms).toEqual([expect.stringMatching(/1 days left, is not renewed: device-revoked: This box was revoked/)])
  })

  it('makes a new connection before the old certificate ends, once', async () => {
    const { renewal, renewedAtDays, reconnectedAtDays, pass } = box()
    renewal.start()
    await pass(100 * DAY_MS, HOUR_MS)
    expect(renewedAtDays).toHaveLength(1)
    expect(reconnectedAtDays).toHaveLength(1)
    expect(reconnectedAtDays[0]).toBeGreaterThan(88)
    expect(reconnectedAtDays[0]).toBeLessThan(90)
  })

  it('makes a new connection at once when the old certificate had ended', async () => {
    const { renewal, disk, reconnectedAtDays, pass } = box()
    disk.current = certificate(NOW_MS - 91 * DAY_MS, 90)
    renewal.start()
    await pass(MINUTE_MS, MINUTE_MS)
    expect(reconnectedAtDays).toHaveLength(1)
  })

  it('raises an alarm when the certificate has gone from the disk', async () => {
    const { renewal, disk, alarms, renewedAtDays, pass } = box()
    disk.current = null
    renewal.start()
    await pass(MINUTE_MS, MINUTE_MS)
    expect(alarms).toEqual([expect.stringMatching(/enrol the box again/)])
    expect(renewedAtDays).toEqual([])
  })

  it('is over when it is stopped', async () => {
    const { renewal, timers } = box()
    renewal.start()
    renewal.stop()
    expect(timers.pendingCount).toBe(0)
  })
})
