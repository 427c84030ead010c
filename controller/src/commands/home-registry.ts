import { randomBytes } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { resolve } from 'node:path'
import { UsageError } from '@ankang/protocol'
import { SqliteAudit } from '../audit/sqlite-audit.ts'
import { type ControllerConfig, readConfig } from '../config.ts'
import { SqliteEnrolmentCodes } from '../store/sqlite-enrolment-codes.ts'
import { SqliteQuarantine } from '../store/sqlite-quarantine.ts'
import { SqliteRegistry } from '../store/sqlite-registry.ts'
import { openStore, type SqliteDatabase } from '../store/store.ts'

/** The registry of a home, beside a controller that may be running on it. */
export interface HomeRegistry {
  readonly config: ControllerConfig
  readonly db: SqliteDatabase
  readonly registry: SqliteRegistry
  readonly codes: SqliteEnrolmentCodes
  readonly quarantine: SqliteQuarantine
  readonly audit: SqliteAudit
  /** Whoever sits at this machine, as the audit log names them. */
  readonly actor: string
}

/** Whoever runs this. Some machines have users without a name. */
function whoRuns(): { readonly uid: number; readonly name: string } {
  const uid = process.getuid?.() ?? 0
  try {
    return { uid, name: userInfo().username }
  } catch {
    return { uid, name: String(uid) } // the number is all that is known, and it is enough
  }
}

/** Files made by somebody else would be closed to the controller. */
async function insistOnOwner(file: string, uid: number): Promise<void> {
  const owner = (await stat(file)).uid
  if (owner === uid) return
  throw new UsageError(
    'home-of-another',
    `${file}: 属于用户 ${owner}，请以该用户身份运行 · belongs to user ${owner}, and you are ${uid}; run this as its owner, as in: sudo -u '#${owner}' ankang device …`,
    { details: { file, owner } },
  )
}

async function configOf(cwd: string, home: string): Promise<ControllerConfig> {
  const file = resolve(cwd, home, 'controller', 'config.json')
  try {
    await insistOnOwner(file, whoRuns().uid)
  } catch (error) {
    if ((error as { readonly code?: unknown } | null)?.code !== 'ENOENT') throw error
    throw new UsageError(
      'home-missing',
      `没有控制中心 expected a controller's configuration at ${file}, found none; give its home folder with --home`,
      { cause: error, details: { file } },
    )
  }
  return readConfig(file)
}

/** Opens a home's registry, works with it and closes it. Throws `home-missing`, `home-of-another` and what opening throws. */
export async function withHomeRegistry<T>(
  cwd: string,
  home: string,
  work: (opened: HomeRegistry) => Promise<T>,
): Promise<T> {
  const config = await configOf(cwd, home)
  const store = openStore(config.store.file, { random: randomBytes })
  try {
    return await work({
      config,
      db: store.db,
      registry: new SqliteRegistry(store, Date.now),
      codes: new SqliteEnrolmentCodes(store),
      quarantine: new SqliteQuarantine(store),
      audit: new SqliteAudit(store.db, Date.now),
      actor: `local:${whoRuns().name}`,
    })
  } finally {
    store.close()
  }
}
