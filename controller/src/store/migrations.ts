/**
 * The schema, step by step; `user_version` is the number of steps taken. A step is never edited once released.
 *
 * A record is stored once because (epoch_id, seq) is unique. `type` is null where the body could not be read: the chain
 * vouches for its bytes all the same, so it is kept. `body` is null once retention has deleted it.
 *
 * The daybook is derived from the bodies (`daybook.ts`): a scene's day and a record's own time, which no other column has.
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
]
