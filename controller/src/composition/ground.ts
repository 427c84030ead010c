import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { dirname } from 'node:path'
import type { PrivateKey } from '@ankang/protocol'
import { startAuditWitness } from '../audit/audit-witness.ts'
import { SqliteAudit } from '../audit/sqlite-audit.ts'
import { type ControllerConfig, readSigningKey } from '../config.ts'
import { type CertificateAuthority, openCertificateAuthority } from '../identity/certificate-authority.ts'
import { keepServerCertificate } from '../identity/server-certificate.ts'
import { scenes } from '../index.ts'
import type { Log } from '../log.ts'
import { Refusals } from '../refusals.ts'
import { completeDaybook } from '../store/daybook.ts'
import { SqliteRegistry } from '../store/sqlite-registry.ts'
import { openStore, type Store } from '../store/store.ts'
import type { Running } from './running.ts'

/** What everything else stands on: keys, authority, store, registry, audit log. */
export interface Ground {
  readonly config: ControllerConfig
  readonly log: Log
  readonly running: Running
  readonly keys: { readonly receipt: PrivateKey; readonly command: PrivateKey; readonly desired: PrivateKey }
  readonly authority: CertificateAuthority
  /** Under which this machine answers, as it is now; a new one when it is about to run out. */
  readonly serverCertificate: () => ReturnType<typeof keepServerCertificate>
  readonly store: Store
  readonly audit: SqliteAudit
  readonly registry: SqliteRegistry
  readonly refusals: Refusals
  readonly nowMs: () => number
  readonly random: (lengthBytes: number) => Uint8Array
}

/** How often is looked whether another process, such as `ankang device revoke`, has changed who is enrolled. */
const POLL_OUTSIDE_MS = 100

/** Throws what reading keys, authority and store throws. */
export async function openGround(config: ControllerConfig, log: Log, running: Running): Promise<Ground> {
  const nowMs = Date.now
  const random = (lengthBytes: number) => new Uint8Array(randomBytes(lengthBytes))
  const keys = {
    receipt: await readSigningKey(config.receiptKeyFile),
    command: await readSigningKey(config.commandKeyFile),
    desired: await readSigningKey(config.desiredKeyFile),
  }
  const authority = await openCertificateAuthority({ folder: config.caFolder, nowMs, random })
  const store = openStore(config.store.file, { random: randomBytes })
  running.onClose(store.close)
  completeDaybook(store.db, scenes, records =>
    log.info({ event: 'daybook', records }, 'entering older records by their days, once; this takes 12 s a million'),
  )
  const registry = new SqliteRegistry(store, nowMs)
  running.every(POLL_OUTSIDE_MS, () => registry.pollOutside())
  const audit = new SqliteAudit(store.db, nowMs)
  running.onClose(startAuditWitness(audit, log))
  const names = [...new Set([...config.serverNames, hostname()])]
  return {
    config,
    log,
    running,
    keys,
    authority,
    serverCertificate: () => keepServerCertificate({ authority, folder: dirname(config.store.file), names, nowMs }),
    store,
    audit,
    registry,
    refusals: new Refusals(log),
    nowMs,
    random,
  }
}
