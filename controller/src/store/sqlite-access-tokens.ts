import type { AccessToken, TokenBook } from '../people/people-book.ts'
import type { SqliteDatabase } from './store.ts'

interface TokenRow {
  readonly token_hash: Buffer
  readonly name: string
  readonly operator: string
  readonly created_ms: number
  readonly expires_ms: number
  readonly revoked_ms: number | null
}

function toToken({ name, operator, created_ms, expires_ms, revoked_ms }: TokenRow): AccessToken {
  return { name, operator, createdMs: created_ms, expiresMs: expires_ms, revokedMs: revoked_ms }
}

function prepare(db: SqliteDatabase) {
  return {
    add: db.prepare(
      'INSERT INTO access_tokens (token_hash, name, operator, created_ms, expires_ms, revoked_ms) VALUES (?, ?, ?, ?, ?, ?)',
    ),
    find: db.prepare<[string], TokenRow>('SELECT * FROM access_tokens WHERE name = ?'),
    findByHash: db.prepare<[Uint8Array], TokenRow>('SELECT * FROM access_tokens WHERE token_hash = ?'),
    all: db.prepare<[], TokenRow>('SELECT * FROM access_tokens ORDER BY created_ms DESC, name'),
    revoke: db.prepare('UPDATE access_tokens SET revoked_ms = ? WHERE name = ?'),
    remove: db.prepare('DELETE FROM access_tokens WHERE name = ?'),
    prune: db.prepare('DELETE FROM access_tokens WHERE min(expires_ms, coalesce(revoked_ms, expires_ms)) < ?'),
  }
}

/** Access tokens in SQLite. */
export class SqliteAccessTokens implements TokenBook {
  readonly #db: SqliteDatabase
  readonly #sql: ReturnType<typeof prepare>

  constructor(db: SqliteDatabase) {
    this.#db = db
    this.#sql = prepare(db)
  }

  commit<T>(work: () => T): T {
    return this.#db.transaction(work).immediate()
  }

  addToken({ name, operator, createdMs, expiresMs, revokedMs }: AccessToken, tokenHash: Uint8Array): void {
    this.#sql.add.run(tokenHash, name, operator, createdMs, expiresMs, revokedMs)
  }

  findToken(name: string): ReturnType<TokenBook['findToken']> {
    const row = this.#sql.find.get(name)
    return row === undefined ? null : { ...toToken(row), tokenHash: row.token_hash }
  }

  findTokenByHash(tokenHash: Uint8Array): AccessToken | null {
    const row = this.#sql.findByHash.get(tokenHash)
    return row === undefined ? null : toToken(row)
  }

  allTokens(): readonly AccessToken[] {
    return this.#sql.all.all().map(toToken)
  }

  revokeToken(name: string, revokedMs: number): void {
    this.#sql.revoke.run(revokedMs, name)
  }

  removeToken(name: string): void {
    this.#sql.remove.run(name)
  }

  pruneTokens(endedBeforeMs: number): void {
    this.#sql.prune.run(endedBeforeMs)
  }
}
