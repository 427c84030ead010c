import { describe, expect, it, vi } from 'vitest'
import { startAuditWitness } from '../../src/audit/audit-witness.ts'
import { anEntry, auditStand } from '../fixtures/audit-stand.ts'
import { RecordedLog } from '../fixtures/recorded-log.ts'
import { runningController } from '../fixtures/running-controller.ts'

describe('the witness of the audit log', () => {
  it('logs the newest link at the start, each hour that it moved on, and at the end', () => {
    vi.useFakeTimers()
    try {
      const { audit } = auditStand()
      const log = new RecordedLog()
      const stop = startAuditWitness(audit, log)
      vi.advanceTimersByTime(3_600_000)
      audit.append(anEntry())
      vi.advanceTimersByTime(3_600_000)
      vi.advanceTimersByTime(3_600_000)
      const last = audit.append(anEntry())
      stop()
      expect(log.lines.map(({ fields }) => fields['id'])).toEqual([0, 1, 2])
      expect(log.lines.at(-1)?.fields).toEqual({ event: 'audit-newest', id: 2, link: last.link })
      audit.append(anEntry())
      vi.advanceTimersByTime(36_000_000)
      expect(log.lines).toHaveLength(3)
    } finally {
      vi.useRealTimers()
    }
  })

  it('is called by a running controller, at its start and when it stops', async () => {
    const { log, close } = await runningController([])
    await close()
    const told = log.lines.filter(({ fields }) => fields['event'] === 'audit-newest').map(({ fields }) => fields['id'])
    expect(told).toEqual([0, 1]) // the first operator was made in between
  })
})
