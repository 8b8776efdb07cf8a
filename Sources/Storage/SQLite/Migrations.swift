import GRDB

/// The formats that a store's file has had, and how each is made of the one before. Never edited, only added to.
enum Migrations {
  /// The file's `application_id`: "OFSY".
  static let applicationID: UInt32 = 0x4F46_5359

  /// The file's `user_version` after all of them.
  static var currentFormat: Int { all.count }

  /// Brings the file up to date; several processes may try at once.
  /// - Returns: whether anything was done.
  static func run(_ db: Database) throws -> Bool {
    let found = try format(of: db)
    for (index, sql) in all.enumerated() where index >= found {
      try db.execute(sql: sql)
      try db.execute(sql: "PRAGMA user_version = \(index + 1)")
    }
    return found < currentFormat
  }

  static func format(of db: Database) throws -> Int {
    try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
  }

  private static let all = [format1, format2, format3]

  // Records carry no foreign keys: they are the hot path, nothing ever deletes what they point to, and a check costs
  // a search per row. See docs/STORAGE.md for the layout and what was measured.
  private static let format1 = """
    -- Who this store is, and its hybrid clock. One row.
    CREATE TABLE store (
      single INTEGER PRIMARY KEY CHECK (single = 1),
      replica BLOB NOT NULL,
      name TEXT NOT NULL,
      identity TEXT NOT NULL,
      clock INTEGER NOT NULL,
      -- How long history is kept; 0: there is none.
      history_days INTEGER NOT NULL,
      -- An office that was put back from a copy and takes from field devices what it may have lost.
      recovering INTEGER NOT NULL DEFAULT 0,
      -- Where the file was when it was last opened: a copy is elsewhere.
      machine TEXT NOT NULL DEFAULT '',
      inode INTEGER NOT NULL DEFAULT 0
    ) STRICT;

    -- Small numbers for 16-byte replica IDs.
    CREATE TABLE replica (
      number INTEGER PRIMARY KEY,
      id BLOB NOT NULL UNIQUE
    ) STRICT;

    -- IDs that this store wrote under before its present one.
    CREATE TABLE former_replica (
      replica INTEGER PRIMARY KEY REFERENCES replica
    ) STRICT;

    CREATE TABLE collection (
      number INTEGER PRIMARY KEY,
      name TEXT NOT NULL UNIQUE,
      fingerprint BLOB NOT NULL,
      records INTEGER NOT NULL DEFAULT 0,
      live INTEGER NOT NULL DEFAULT 0,
      conflicts INTEGER NOT NULL DEFAULT 0,
      -- Own writes up to here, and stamps, may have been seen by somebody.
      shown INTEGER NOT NULL DEFAULT 0,
      -- How often names changed: sessions from before begin again.
      epoch INTEGER NOT NULL DEFAULT 0
    ) STRICT;

    -- In the order of arrival. contested: some field has several siblings, so that a new schema may open a conflict.
    CREATE TABLE record (
      number INTEGER PRIMARY KEY,
      collection INTEGER NOT NULL,
      id BLOB NOT NULL,
      live INTEGER NOT NULL,
      contested INTEGER NOT NULL,
      conflicts INTEGER NOT NULL,
      -- 64 bits that tell whether state is what was written.
      checksum INTEGER NOT NULL,
      state BLOB NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX record_by_id ON record (collection, id);
    CREATE INDEX record_contested ON record (collection, id) WHERE contested = 1;
    CREATE INDEX record_in_conflict ON record (collection, id) WHERE conflicts > 0;

    -- One row for each entry of each record's clock.
    CREATE TABLE clock_entry (
      collection INTEGER NOT NULL,
      origin INTEGER NOT NULL,
      counter INTEGER NOT NULL,
      record INTEGER NOT NULL,
      PRIMARY KEY (collection, origin, counter, record)
    ) STRICT, WITHOUT ROWID;

    -- A row for each origin of which there is an entry or a stamp; counter 0 if nothing is known to be whole.
    CREATE TABLE knowledge (
      collection INTEGER NOT NULL REFERENCES collection,
      origin INTEGER NOT NULL REFERENCES replica,
      counter INTEGER NOT NULL,
      -- Where nothing more can come: the token of the stamp that it ended with, whether it was retired, and its place in
      -- the order in which origins were closed.
      end_token BLOB,
      end_retired INTEGER,
      end_place INTEGER,
      PRIMARY KEY (collection, origin)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX knowledge_closed ON knowledge (collection, end_place) WHERE end_place IS NOT NULL;
    CREATE INDEX knowledge_open ON knowledge (collection, origin) WHERE end_place IS NULL;

    -- Own writes that are at an office, for each of the IDs that they go by.
    CREATE TABLE confirmed (
      collection INTEGER NOT NULL REFERENCES collection,
      origin INTEGER NOT NULL REFERENCES replica,
      counter INTEGER NOT NULL,
      PRIMARY KEY (collection, origin)
    ) STRICT, WITHOUT ROWID;

    -- Replica IDs that ended with a stamp, as far as no origin was closed with it: two stores have written under them
    -- beyond, or an office retired them. Counter 0 and 16 bytes of 0: with none at all.
    CREATE TABLE ending (
      collection INTEGER NOT NULL REFERENCES collection,
      counter INTEGER NOT NULL,
      token BLOB NOT NULL,
      origin INTEGER NOT NULL REFERENCES replica,
      retired INTEGER NOT NULL,
      PRIMARY KEY (collection, counter, token, origin)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE stamp (
      collection INTEGER NOT NULL REFERENCES collection,
      origin INTEGER NOT NULL REFERENCES replica,
      counter INTEGER NOT NULL,
      token BLOB NOT NULL,
      PRIMARY KEY (collection, origin, counter)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX stamp_by_token ON stamp (token);

    -- How far unfinished streams from others got.
    CREATE TABLE progress (
      collection INTEGER NOT NULL REFERENCES collection,
      sender INTEGER NOT NULL REFERENCES replica,
      token BLOB NOT NULL,
      vector BLOB NOT NULL,
      PRIMARY KEY (collection, sender)
    ) STRICT, WITHOUT ROWID;

    -- Stream tokens given out, in that order.
    CREATE TABLE given_token (
      number INTEGER PRIMARY KEY,
      collection INTEGER NOT NULL REFERENCES collection,
      receiver INTEGER NOT NULL REFERENCES replica,
      token BLOB NOT NULL
    ) STRICT;
    CREATE INDEX given_token_by_receiver ON given_token (collection, receiver, number);

    -- What changes overtook, in that order. Only pruning and purging delete.
    CREATE TABLE history (
      number INTEGER PRIMARY KEY,
      record INTEGER NOT NULL,
      path BLOB NOT NULL,
      origin INTEGER NOT NULL,
      counter INTEGER NOT NULL,
      -- Author, time, note and content.
      sibling BLOB NOT NULL,
      -- When it was overtaken, in milliseconds since 1970, and by which write, if one shows.
      at INTEGER NOT NULL,
      by_origin INTEGER,
      by_counter INTEGER
    ) STRICT;
    CREATE INDEX history_by_record ON history (record);

    -- Which session an origin's writes came with, those above `after` up to `through`; in that order.
    CREATE TABLE arrival (
      number INTEGER PRIMARY KEY,
      collection INTEGER NOT NULL REFERENCES collection,
      origin INTEGER NOT NULL REFERENCES replica,
      after INTEGER NOT NULL,
      through INTEGER NOT NULL,
      peer INTEGER NOT NULL REFERENCES replica,
      identity TEXT NOT NULL,
      address TEXT NOT NULL,
      at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX arrival_by_origin ON arrival (collection, origin, through);

    -- Records that an office refused for good.
    CREATE TABLE refusal (
      collection INTEGER NOT NULL REFERENCES collection,
      id BLOB NOT NULL,
      reason TEXT NOT NULL,
      PRIMARY KEY (collection, id)
    ) STRICT, WITHOUT ROWID;

    -- Replicas that this store met, or renamed: what it was told last. Whom they belong to, the offices' own collection says.
    CREATE TABLE owner (
      replica INTEGER PRIMARY KEY REFERENCES replica,
      identity TEXT NOT NULL,
      name TEXT NOT NULL,
      -- Milliseconds since 1970; null if it was never met.
      seen INTEGER,
      -- The ID that its store goes on under.
      successor INTEGER REFERENCES replica
    ) STRICT;

    -- What a peer knew when it was last met.
    CREATE TABLE peer_knowledge (
      replica INTEGER NOT NULL REFERENCES replica,
      collection INTEGER NOT NULL REFERENCES collection,
      vector BLOB NOT NULL,
      PRIMARY KEY (replica, collection)
    ) STRICT, WITHOUT ROWID;

    -- Servers that an office keeps current with by itself; NULL for live.
    CREATE TABLE peer (
      server TEXT PRIMARY KEY,
      every INTEGER
    ) STRICT, WITHOUT ROWID;

    -- Servers that this store synced with.
    CREATE TABLE contact (
      server TEXT PRIMARY KEY,
      identity TEXT,
      at INTEGER NOT NULL,
      result TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    """

  // File systems give the number of a file that was removed to the next one that is made: hence its birth as well.
  private static let format2 = """
    ALTER TABLE store ADD COLUMN birth INTEGER NOT NULL DEFAULT 0;
    -- What the hybrid clock read before it was put back: own writes that somebody may have seen kept their times.
    ALTER TABLE store ADD COLUMN clock_before INTEGER NOT NULL DEFAULT 0;

    -- The index by ID: no index of SQLite's, since what comes in bulk is entered later, in the order of IDs.
    DROP INDEX record_by_id;
    CREATE TABLE record_id (
      collection INTEGER NOT NULL,
      id BLOB NOT NULL,
      record INTEGER NOT NULL,
      PRIMARY KEY (collection, id)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO record_id SELECT collection, id, number FROM record ORDER BY collection, id;
    -- The first record that it does not have yet; NULL: it has all.
    ALTER TABLE store ADD COLUMN tail_from INTEGER;

    -- Grows with each transaction that changes records; and what it was in the snapshot that the stream was sent from.
    ALTER TABLE collection ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE given_token ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;

    -- Tokens by which field devices get their first certificate. Of what is secret here is only SHA-256.
    CREATE TABLE enrolment (
      secret BLOB PRIMARY KEY,
      -- Of the secret and the number that is told separately; NULL if none is asked for.
      pin BLOB,
      identity TEXT NOT NULL,
      -- Milliseconds since 1970.
      expires INTEGER NOT NULL,
      wrong_pins INTEGER NOT NULL DEFAULT 0,
      -- Its first use: when, from where, and SHA-256 of the device's public key.
      used INTEGER,
      address TEXT,
      key BLOB
    ) STRICT, WITHOUT ROWID;
    """

  private static let format3 = """
    -- How often an origin was closed or opened again: what was read of them holds as long as this stays.
    ALTER TABLE collection ADD COLUMN closings INTEGER NOT NULL DEFAULT 0;
    """
}
