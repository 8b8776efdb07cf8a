/* The limit of a first pull: the lines that come through a pipe, into tables as a store has them, durable, in plain C.
 *
 *   limit FILE.sqlite rows|order|late <records.ndjson      prints records a second
 *
 * rows: the index by ID is kept up row by row. order: the same, each transaction in the order of IDs.
 * late: IDs are entered in their order, a quarter of a million at a time, as the store does it.
 * Lines begin {"id":" and 36 bytes of ID. 16,384 records a transaction. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BATCH = 16384, TAIL = 262144, ID_AT = 7, ID_BYTES = 36 };

static sqlite3 *db;

static void check(int ok) {
  if (ok) return;
  fprintf(stderr, "limit: %s\n", db ? sqlite3_errmsg(db) : "no memory");
  exit(1);
}

static void run(const char *sql) { check(sqlite3_exec(db, sql, 0, 0, 0) == SQLITE_OK); }

static sqlite3_stmt *prepared(const char *sql) {
  sqlite3_stmt *statement;
  check(sqlite3_prepare_v2(db, sql, -1, &statement, 0) == SQLITE_OK);
  return statement;
}

static void step(sqlite3_stmt *statement) {
  check(sqlite3_step(statement) == SQLITE_DONE);
  sqlite3_reset(statement);
}

static int by_id(const void *a, const void *b) {
  return memcmp(*(char *const *)a + ID_AT, *(char *const *)b + ID_AT, ID_BYTES);
}

int main(int count, char **arguments) {
  if (count != 3) return fprintf(stderr, "usage: limit FILE rows|order|late\n"), 64;
  int late = strcmp(arguments[2], "late") == 0, order = strcmp(arguments[2], "order") == 0;
  check(sqlite3_open(arguments[1], &db) == SQLITE_OK);
  run("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536;"
      "PRAGMA wal_autocheckpoint = 16000; PRAGMA temp_store = MEMORY;"
      "CREATE TABLE record (number INTEGER PRIMARY KEY, collection INT, id BLOB, live INT, contested INT,"
      "  conflicts INT, checksum INT, state BLOB);"
      "CREATE TABLE record_id (collection INT, id BLOB, record INT, PRIMARY KEY (collection, id)) WITHOUT ROWID;"
      "CREATE TABLE clock_entry (collection INT, origin INT, counter INT, record INT,"
      "  PRIMARY KEY (collection, origin, counter, record)) WITHOUT ROWID");
  sqlite3_stmt *record = prepared("INSERT INTO record VALUES (?, 1, ?, 1, 0, 0, ?, ?)");
  sqlite3_stmt *entry = prepared("INSERT INTO clock_entry VALUES (1, 1, ?, ?)");
  sqlite3_stmt *id = prepared("INSERT INTO record_id VALUES (1, ?, ?)");
  sqlite3_stmt *tail = prepared("INSERT INTO record_id SELECT collection, id, number FROM record WHERE number > ?"
                                "  ORDER BY collection, id");
  static char *lines[BATCH], *turns[BATCH];
  static size_t rooms[BATCH];
  struct timespec start, end;
  clock_gettime(CLOCK_MONOTONIC, &start);
  long long number = 0, entered = 0;
  for (int more = 1; more;) {
    int filled = 0;
    while (filled < BATCH && (more = getline(&lines[filled], &rooms[filled], stdin) > ID_AT + ID_BYTES)) filled++;
    memcpy(turns, lines, sizeof turns);
    if (order) qsort(turns, filled, sizeof *turns, by_id);
    run("BEGIN IMMEDIATE");
    for (int index = 0; index < filled; index++) {
      char *line = turns[index];
      number++;
      sqlite3_bind_int64(record, 1, number);
      sqlite3_bind_blob(record, 2, line + ID_AT, ID_BYTES, SQLITE_STATIC);
      sqlite3_bind_int64(record, 3, number * 0x9E3779B97F4A7C15LL);
      sqlite3_bind_blob(record, 4, line, strcspn(line, "\n"), SQLITE_STATIC);
      step(record);
      sqlite3_bind_int64(entry, 1, number);
      sqlite3_bind_int64(entry, 2, number);
      step(entry);
      if (late) continue;
      sqlite3_bind_blob(id, 1, line + ID_AT, ID_BYTES, SQLITE_STATIC);
      sqlite3_bind_int64(id, 2, number);
      step(id);
    }
    if (late && (number - entered >= TAIL || !more)) {
      sqlite3_bind_int64(tail, 1, entered);
      step(tail);
      entered = number;
    }
    run("COMMIT");
  }
  clock_gettime(CLOCK_MONOTONIC, &end);
  printf("%.0f\n", number / (end.tv_sec - start.tv_sec + (end.tv_nsec - start.tv_nsec) / 1e9));
}
