#!/usr/bin/env python3
"""What devices that were retired cost: the real programs on loopback, with none and with many.

    python3 Benchmarks/retired.py [RETIRED] [RECORDS]      default 10,000 and 20,000

They are written straight into the store of one office, as `syncserver retire` leaves them (making 10,000 devices takes hours), but
for the line on each that offices have in `$office`; everything after that, also that another office hears of them, is the programs'
own doing. Programs as for macro.py.
"""
import os, secrets, sqlite3, statistics, sys

import macro
from macro import COLLECTION, Server, frames, program, row, run, workspace


def retire(store, count):
    """Devices that synced a hundred writes in ten sessions each, and were retired."""
    db = sqlite3.connect(f"{store}/store.sqlite")
    collection = db.execute("SELECT number FROM collection WHERE name = ?", (COLLECTION,)).fetchone()[0]
    for number in range(1, count + 1):
        replica = db.execute("INSERT INTO replica (id) VALUES (?)", (secrets.token_bytes(16),)).lastrowid
        tokens = [secrets.token_bytes(16) for _ in range(10)]
        db.executemany("INSERT INTO stamp VALUES (?, ?, ?, ?)",
                       ((collection, replica, 10 * n, token) for n, token in enumerate(tokens, 1)))
        db.execute("INSERT INTO knowledge VALUES (?, ?, 100, ?, 1, ?)", (collection, replica, tokens[-1], number))
        db.execute("INSERT INTO owner (replica, identity, name) VALUES (?, ?, ?)",
                   (replica, f"field/lost-{number}", f"lost-{number}"))
    db.commit()
    db.close()


def milliseconds(*command, times=9):
    return statistics.median(run(*command)[0] * 1000 for _ in range(times))


class Scene:
    def __init__(self, bench, label, retired, source, records):
        self.bench, self.label, self.retired, self.records = bench, label, retired, records
        self.rabat, self.fes, self.karim = (f"{name}-{label}" for name in ("rabat", "fes", "karim"))
        bench.office(self.rabat)
        bench.office(self.fes)
        bench.device(self.karim)
        self.rate = records / run(program("syncclient"), "import", "--data", self.rabat, COLLECTION, source)[0]
        if retired:
            retire(self.rabat, retired)
        self.server = Server(self.rabat)
        self.figures = {}

    def sync(self, store, verb="sync"):
        seconds, peak, report = self.bench.sync(verb, store, self.server)
        assert report["collections"][0]["inSync"], report
        return seconds, peak, report

    def put(self, number):
        run(program("syncclient"), "put", "--data", self.rabat, COLLECTION, "touched", f"n={number}")

    def retire_one_more(self):
        name = f"last-{self.label}"
        self.bench.device(name)
        self.sync(name)
        run(program("syncclient"), "put", "--data", name, COLLECTION, "of-last", "n=1")
        self.sync(name)
        for store in (self.fes, self.karim):
            self.sync(store)
        run(program("syncserver"), "retire", "--data", self.rabat, f"field/{name}")

    def measure(self):
        note = self.figures.__setitem__
        seconds, peak, report = self.sync(self.karim, "pull")
        note("first pull by a device", f"{self.records / seconds:,.0f} records/s, {report['bytesReceived'] / self.records:.0f} bytes a "
             f"record on the wire, peak {peak:.0f} MiB")
        seconds, _, report = self.sync(self.fes)
        note("first sync by another office", f"{seconds:.2f} s, {(report['bytesReceived'] + report['bytesSent']) / 1e6:.2f} MB on the wire")
        for store, who in ((self.fes, "another office"), (self.karim, "a device")):
            runs = [self.sync(store) for _ in range(9)]
            note(f"sync, nothing changed, {who}", f"{statistics.median(one[0] * 1000 for one in runs):.0f} ms, "
                 f"{runs[-1][2]['roundTrips']} round trip, {frames(runs[-1][2])} bytes of frames, peak {runs[-1][1]:.0f} MiB")
            runs = []
            for number in range(5):
                self.put(f"{who}-{number}")
                runs.append(self.sync(store))
            note(f"sync, 1 record changed, {who}", f"{statistics.median(one[0] * 1000 for one in runs):.0f} ms, "
                 f"{frames(runs[-1][2]):,} bytes of frames")
        command = (program("syncclient"),)
        note("`syncclient get`", f"{milliseconds(*command, 'get', '--data', self.rabat, COLLECTION, 'touched'):.0f} ms")
        put = milliseconds(*command, "put", "--data", self.rabat, COLLECTION, "touched", f"n={secrets.token_hex(8)}", times=1)
        note("`syncclient put`", f"{put:.0f} ms")
        seconds = run(*command, "import", "--data", self.rabat, COLLECTION, "changed.ndjson")[0]
        note("import that changes 2,000 records", f"{2_000 / seconds:,.0f} records/s")
        self.retire_one_more()
        for store, who in ((self.fes, "another office"), (self.karim, "a device")):
            seconds, _, report = self.sync(store)
            note(f"sync that tells {who} of one more", f"{seconds * 1000:.0f} ms, {frames(report):,} bytes of frames")
        self.server.stop()
        size = os.path.getsize(f"{self.rabat}/store.sqlite")
        note("the office's file", f"{size / 1e6:.1f} MB")
        return self.figures


def main():
    retired = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    records = int(sys.argv[2]) if len(sys.argv) > 2 else 20_000
    with workspace() as bench:
        macro.generate(records, "records.ndjson")
        macro.changed_lines("records.ndjson", "changed.ndjson", 2_000, records)
        none = Scene(bench, "none", 0, "records.ndjson", records).measure()
        many = Scene(bench, "many", retired, "records.ndjson", records).measure()
        print(f"| what | none retired | {retired:,} retired |\n|---|---|---|")
        for what, figure in none.items():
            row(what, f"{figure} | {many[what]}")


if __name__ == "__main__":
    main()
