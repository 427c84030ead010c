import { BugError } from '@ankang/protocol'
import type { SessionBook, StoredSession } from '../people/people-book.ts'
import { STAGES, type Stage } from '../people/stage.ts'
import type { SqliteDatabase } from './store.ts'

interface SessionRow {
  readonly token_hash: Buffer
  readonly operator: string
  readonly bound_to: Buffer
  readonly stage: string
  readonly created_ms: number
  readonly seen_ms: number
}

function toStage(text: string): Stage {
  const stage = STAGES.find(one => one === text)
  if (stage === undefined) throw new BugError('stage-unknown', 'expected the stage of a session, found another word')
  return stage
}

function toSession(row: SessionRow): StoredSession {
  return {
    tokenHash: row.token_hash,
    operator: row.operator,
    boundTo: row.bound_to,
    stage: toStage(row.stage),
    createdMs: row.created_ms,
    seenMs: row.seen_ms,
  }
}

function prepare(db: SqliteDatabase) {
  return {
    add: db.prepare(
      'INSERT INTO sessions (token_hash, operator, bound_to, stage, created_ms, seen_ms) VALUES (?, ?, ?, ?, ?, ?)',
    ),
    find: db.prepare<[Uint8Array], SessionRow>('SELECT * FROM sessions WHERE token_hash = ?'),
    of: db.prepare<[string], SessionRow>('SELECT * FROM sessions WHERE operator = ? ORDER BY created_ms, token_hash'),
    see: db.prepare('UPDATE sessions SET seen_ms = ? WHERE token_hash = ?'),
    end: db.prepare('DELETE FROM sessions WHERE token_hash = ?'),
    endOf: db.prepare('DELETE FROM sessions WHERE operator = ?'),
    prune: db.prepare(
      `DELETE FROM sessions WHERE seen_ms < @seenSinceMs OR created_ms < @fullSinceMs
       OR (stage <> 'full' AND created_ms < @halfMadeSinceMs)`,
    ),
  }
}

/** Sessions in SQLite: a restart of the centre logs nobody out. */
export class SqliteSessions implements SessionBook {
  readonly #sql: ReturnType<typeof prepare>

  constructor(db: SqliteDatabase) {
    this.#sql = prepare(db)
  }

  addSession({ tokenHash, operator, boundTo, stage, createdMs, seenMs }: StoredSession): void {
    this.#sql.add.run(tokenHash, operator, boundTo, stage, createdMs, seenMs)
  }

  findSession(tokenHash: Uint8Array): StoredSession | null {
    const row = this.#sql.find.get(tokenHash)
    return row === undefined ? null : toSession(row)
  }

  sessionsOf(operator: string): readonly StoredSession[] {
    return this.#sql.of.all(operator).map(toSession)
  }

  seeSession(tokenHash: Uint8Array, seenMs: number): void {
    this.#sql.see.run(seenMs, tokenHash)
  }

  endSession(tokenHash: Uint8Array): boolean {
    return this.#sql.end.run(tokenHash).changes > 0
  }

  endSessionsOf(operator: string): number {
    return this.#sql.endOf.run(operator).changes
  }

  pruneSessions(limits: Parameters<SessionBook['pruneSessions']>[0]): void {
    this.#sql.prune.run(limits)
  }
}
