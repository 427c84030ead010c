/**
 * The schema, step by step; `user_version` is the number of steps taken. A step is never edited once released.
 *
 * A record is stored once because (epoch_id, seq) is unique. `type` is null where the body could not be read: the chain
 * vouches for its bytes all the same, so it is kept. `body` is null once retention has deleted it.
 *
 * The daybook is derived from the bodies (`daybook.ts`): a scene's day and a record's own time, which no other column has.
 *
 * So are the showing tags, which follow behind (`showing-tags.ts`).
 *
 * A key whose `bound_head_id` is set belongs to a device that was revoked: its word ends with the heads up to that id.
 *
 * `log_in_locks.place` is empty for all places that are not known to be an operator's own (`people-book.ts`).
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;

  CREATE TABLE devices (
    device TEXT PRIMARY KEY, site TEXT NOT NULL, first_epoch_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE epochs (
    id INTEGER PRIMARY KEY,
    device TEXT NOT NULL REFERENCES devices,
    epoch BLOB NOT NULL CHECK (length(epoch) = 8),
    public_key BLOB NOT NULL CHECK (length(public_key) = 32),
    predecessor_epoch BLOB, predecessor_seq INTEGER, predecessor_link BLOB,
    genesis BLOB NOT NULL CHECK (length(genesis) = 32),
    stored_through INTEGER NOT NULL,
    link_there BLOB NOT NULL CHECK (length(link_there) = 32),
    received_ms INTEGER NOT NULL,
    UNIQUE (device, epoch)
  ) STRICT;

  CREATE TABLE records (
    id INTEGER PRIMARY KEY,
    epoch_id INTEGER NOT NULL REFERENCES epochs,
    seq INTEGER NOT NULL CHECK (seq >= 1),
    type INTEGER,
    received_ms INTEGER NOT NULL,
    body_hash BLOB NOT NULL CHECK (length(body_hash) = 32),
    link BLOB NOT NULL CHECK (length(link) = 32),
    body BLOB,
    UNIQUE (epoch_id, seq)
  ) STRICT;
  CREATE INDEX showings ON records (epoch_id, seq) WHERE type = 1;

  CREATE TABLE batches (
    id INTEGER PRIMARY KEY,
    epoch_id INTEGER NOT NULL REFERENCES epochs,
    from_seq INTEGER NOT NULL, through_seq INTEGER NOT NULL,
    cose BLOB NOT NULL,
    received_ms INTEGER NOT NULL,
    UNIQUE (epoch_id, through_seq)
  ) STRICT;

  CREATE TABLE heads (
    id INTEGER PRIMARY KEY,
    device TEXT NOT NULL, epoch BLOB NOT NULL, seq INTEGER NOT NULL, link BLOB NOT NULL,
    device_time_ms INTEGER NOT NULL,
    cose BLOB NOT NULL,
    received_ms INTEGER NOT NULL,
    UNIQUE (device, epoch, seq, link)
  ) STRICT;

  CREATE TABLE forks (
    id INTEGER PRIMARY KEY,
    device TEXT NOT NULL, epoch BLOB NOT NULL,
    from_seq INTEGER NOT NULL, through_seq INTEGER NOT NULL,
    fork_seq INTEGER NOT NULL,
    link_through BLOB NOT NULL,
    message BLOB NOT NULL,
    received_ms INTEGER NOT NULL,
    UNIQUE (device, epoch, from_seq, link_through)
  ) STRICT;
  `,
  `
  CREATE TABLE daybook (
    scene TEXT NOT NULL, day INTEGER NOT NULL, time_ms INTEGER NOT NULL,
    record_id INTEGER NOT NULL REFERENCES records,
    PRIMARY KEY (scene, day, time_ms, record_id)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE TABLE enrolled (
    device TEXT PRIMARY KEY, site TEXT NOT NULL,
    public_key BLOB NOT NULL CHECK (length(public_key) = 32),
    enrolled_ms INTEGER NOT NULL,
    revoked_ms INTEGER, revoked_reason TEXT,
    trusted_epoch BLOB, trusted_seq INTEGER
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE device_keys (
    device TEXT NOT NULL, public_key BLOB NOT NULL CHECK (length(public_key) = 32),
    from_ms INTEGER NOT NULL, until_ms INTEGER, end_reason TEXT,
    bound_head_id INTEGER,
    PRIMARY KEY (device, public_key)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX device_of_key ON device_keys (public_key);

  CREATE TABLE certificates (
    fingerprint BLOB PRIMARY KEY CHECK (length(fingerprint) = 32),
    device TEXT NOT NULL, serial TEXT NOT NULL UNIQUE,
    issued_ms INTEGER NOT NULL, not_after_ms INTEGER NOT NULL, revoked_ms INTEGER,
    pem TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX certificates_of_device ON certificates (device, issued_ms);

  CREATE TABLE enrolment_codes (
    secret_hash BLOB PRIMARY KEY CHECK (length(secret_hash) = 32),
    site TEXT NOT NULL, device TEXT NOT NULL,
    created_ms INTEGER NOT NULL, created_by TEXT NOT NULL, expires_ms INTEGER NOT NULL,
    used_ms INTEGER,
    may_replace INTEGER NOT NULL DEFAULT 0 CHECK (may_replace IN (0, 1))
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE quarantine (
    id INTEGER PRIMARY KEY,
    device TEXT NOT NULL, epoch BLOB NOT NULL,
    from_seq INTEGER NOT NULL, through_seq INTEGER NOT NULL, link_through BLOB NOT NULL,
    trusted_seq INTEGER NOT NULL,
    message BLOB NOT NULL, received_ms INTEGER NOT NULL,
    UNIQUE (device, epoch, from_seq, link_through)
  ) STRICT;

  CREATE TABLE desired (
    device TEXT PRIMARY KEY, version INTEGER NOT NULL, config TEXT NOT NULL,
    cose BLOB NOT NULL, set_ms INTEGER NOT NULL, set_by TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE commands (
    id TEXT PRIMARY KEY, device TEXT NOT NULL, name TEXT NOT NULL, args TEXT NOT NULL,
    issued_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL, issued_by TEXT NOT NULL, purpose TEXT NOT NULL,
    cose BLOB NOT NULL,
    result_ok INTEGER, result_detail TEXT, result_ms INTEGER, result_cose BLOB
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX commands_of_device ON commands (device, issued_ms);

  CREATE TABLE operators (
    name TEXT PRIMARY KEY, role TEXT NOT NULL, password TEXT NOT NULL,
    must_change INTEGER NOT NULL, totp_secret BLOB, totp_confirmed INTEGER NOT NULL, totp_last_step INTEGER,
    disabled_ms INTEGER, created_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE log_in_locks (
    account TEXT NOT NULL, place TEXT NOT NULL,
    failures INTEGER NOT NULL, locked_until_ms INTEGER, changed_ms INTEGER NOT NULL, familiar_ms INTEGER,
    PRIMARY KEY (account, place)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE sessions (
    token_hash BLOB PRIMARY KEY CHECK (length(token_hash) = 32),
    operator TEXT NOT NULL REFERENCES operators, bound_to BLOB NOT NULL,
    stage TEXT NOT NULL,
    created_ms INTEGER NOT NULL, seen_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE INDEX sessions_of_operator ON sessions (operator, created_ms);

  CREATE TABLE access_tokens (
    token_hash BLOB PRIMARY KEY CHECK (length(token_hash) = 32),
    name TEXT NOT NULL UNIQUE, operator TEXT NOT NULL, created_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL, revoked_ms INTEGER
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE showing_tags (
    tag BLOB NOT NULL CHECK (length(tag) = 8), record_id INTEGER NOT NULL REFERENCES records,
    PRIMARY KEY (tag, record_id)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE audit (
    id INTEGER PRIMARY KEY, time_ms INTEGER NOT NULL,
    actor TEXT NOT NULL, action TEXT NOT NULL, subject TEXT NOT NULL, purpose TEXT, ok INTEGER NOT NULL, detail TEXT NOT NULL,
    link BLOB NOT NULL CHECK (length(link) = 32)
  ) STRICT;
  `,
]
