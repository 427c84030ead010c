import type { Log } from '../log.ts'
import type { AuditReader } from './audit.ts'

const EVERY_MS = 3_600_000

/**
 * Writes the end of the chain to the program's own log: now, each hour when it has moved on, and at the end. Wherever that log is
 * kept, there is a witness against whoever rewrites the store. Returns what stops it.
 */
export function startAuditWitness(audit: Pick<AuditReader, 'newest'>, log: Log, everyMs = EVERY_MS): () => void {
  let told = -1
  const tell = (): void => {
    const { id, link } = audit.newest()
    if (id === told) return
    told = id
    log.info({ event: 'audit-newest', id, link }, 'newest link of the audit log')
  }
  tell()
  const timer = setInterval(tell, everyMs)
  timer.unref()
  return () => {
    clearInterval(timer)
    tell()
  }
}
