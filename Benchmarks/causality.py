#!/usr/bin/env python3
"""What it costs to know who wrote what: small syncs where many wrote or fields have siblings, and the bytes of a record's causality.

    python3 Benchmarks/causality.py [RECORDS] [WRITERS]      default 100,000 and 500

The real programs on loopback: each writer is a device that imports its share and pushes it. Programs and records as for macro.py.
"""
import contextlib, json, os, shutil, sqlite3, sys

import macro
from macro import COLLECTION, Server, frames, program, row, run, sockets, workspace

SIBLINGS = 5
CONTESTED = 1_000
# The second half: so many records, and writers of each.
RECORDS_WRITTEN = 10_000
WRITERS_EACH = 12


def put_in(store, source):
    run(program("syncclient"), "import", "--data", store, COLLECTION, source)


@contextlib.contextmanager
def device(bench, name):
    bench.device(name)
    yield name
    shutil.rmtree(name)


def push(bench, store, server, count):
    _, _, report = bench.sync("push", store, server)
    assert report["collections"][0]["sent"] == count, report


def status(store):
    found = json.loads(run(program("syncclient"), "status", "--data", store, "--json")[2])["collections"]
    return next(one for one in found if one["name"] == COLLECTION)


def one_writer(bench, office, server, source, records, writers):
    put_in(office, source)


def many_writers(bench, office, server, source, records, writers):
    """Each wrote a share of the records."""
    with open(source) as lines:
        for number in range(writers):
            share = records * (number + 1) // writers - records * number // writers
            with device(bench, f"writer-{number}") as name, open("share.ndjson", "w") as out:
                out.writelines(next(lines) for _ in range(share))
                out.flush()
                put_in(name, "share.ndjson")
                push(bench, name, server, share)


def siblings(bench, office, server, source, records, writers):
    """Five stores wrote the same field of the same records, and none knew of the others."""
    put_in(office, source)
    names = [f"sibling-{number}" for number in range(SIBLINGS)]
    for name in names:
        bench.device(name)
        bench.sync("pull", name, server)
    for number, name in enumerate(names):
        macro.changed_lines(source, "contested.ndjson", CONTESTED, records, by=number + 1)
        put_in(name, "contested.ndjson")
    for name in names:
        push(bench, name, server, CONTESTED)
        shutil.rmtree(name)
    db = sqlite3.connect(f"file:{office}/store.sqlite?mode=ro", uri=True)
    assert db.execute("SELECT count(*) FROM record WHERE contested").fetchone()[0] == CONTESTED


def written(bench, office, write, source, records, writers):
    """An office with all of the records; its server."""
    bench.office(office)
    server = Server(office)
    write(bench, office, server, source, records, writers)
    assert status(office)["records"] == records
    return server


def differences(bench, servers, source, records):
    """Milliseconds and bytes of syncs by a device of each office that has all of it, the office having changed nothing or little; the figures
    of each office."""
    figures = []
    for office, server in servers.items():
        bench.device(f"device-of-{office}")
        os.sync()
        seconds, _, report = bench.sync("pull", f"device-of-{office}", server)
        assert report["collections"][0]["received"] == records, report
        figures.append({"first pull": f"{records / seconds:,.0f} records/s, {report['bytesReceived'] / records:.0f} bytes a record on the wire"})
    pairs = [(f"device-of-{office}", server) for office, server in servers.items()]
    for what, count in (("nothing changed", 0), ("one field changed", 1), ("100 changed", 100)):

        def change(number):
            if count == 0:
                return
            # The same records that have the siblings, and a field that has none.
            macro.changed_lines(source, "changed.ndjson", count, records, field="jobs_target", by=number + 1)
            for office in servers:
                put_in(office, "changed.ndjson")

        found = bench.syncs(pairs, count, change)
        for column, (milliseconds, report) in zip(figures, found):
            column[f"sync, {what}"] = f"{milliseconds:.0f} ms, {frames(report):,} bytes of frames, {sockets(report):,} on the wire"
    for server in servers.values():
        server.stop()
    return figures


def another(value, writer):
    """What a writer makes of a value."""
    if isinstance(value, int):
        return value + writer
    return value + (f" {writer}" if isinstance(value, str) else value[:1])


def written_by(bench, writers):
    """Bytes of records that so many devices wrote, one after another, each a field of every one."""
    office = f"office-by-{writers}"
    bench.office(office)
    server = Server(office)
    macro.generate(RECORDS_WRITTEN, "written.ndjson")
    with open("written.ndjson") as lines:
        records = [json.loads(line) for line in lines]
    fields = [name for name in records[0] if name != "id"]
    for number in range(writers):
        with device(bench, f"by-{writers}-{number}") as name, open("field.ndjson", "w") as out:
            field = fields[number % len(fields)]
            if number:
                bench.sync("pull", name, server)
                for record in records:
                    record[field] = another(record[field], number)
            for record in records:
                out.write(json.dumps({"id": record["id"], field: record[field]} if number else record) + "\n")
            out.flush()
            put_in(name, "field.ndjson")
            push(bench, name, server, len(records))
    bench.device(f"device-by-{writers}")
    bench.sync("pull", f"device-by-{writers}", server)
    server.stop()
    return bytes_of(f"device-by-{writers}", records)


def as_json(value):
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


def bytes_of(store, records):
    """A first pull's file, so that it has no history; its tables are those of docs/STORAGE.md."""
    db = sqlite3.connect(f"{store}/store.sqlite")
    count = len(records)

    def one(query, *parameters):
        return db.execute(query, parameters).fetchone()[0]

    number = one("SELECT number FROM collection WHERE name = ?", COLLECTION)
    entries = one("SELECT count(*) FROM clock_entry WHERE collection = ?", number) / count
    state = one("SELECT avg(length(state)) FROM record WHERE collection = ?", number)
    index = one("SELECT sum(payload) FROM dbstat WHERE name = 'clock_entry'") / count
    db.close()
    values = sum(as_json({name: value for name, value in record.items() if name != "id"}) for record in records) / count
    lines = sum(as_json(record) + 1 for record in records)
    return {
        "entries of a record's clock": f"{entries:.1f}",
        "a record's values as JSON": f"{values:.0f} bytes",
        "a record as stored and sent": f"{state:.0f} bytes: {state - values:+.0f}",
        "its entries in the index by origin": f"{index:.0f} bytes",
        "the store's file over the NDJSON": f"{os.path.getsize(f'{store}/store.sqlite') / lines:.2f}",
    }


def table(columns):
    """A column for each set of figures that have the same names."""
    print(f"| what | {' | '.join(columns)} |\n|{'---|' * (len(columns) + 1)}")
    for what in next(iter(columns.values())):
        row(what, " | ".join(figures[what] for figures in columns.values()))


def main():
    records, writers = (int(text) for text in (sys.argv[1:3] + ["100000", "500"][len(sys.argv) - 1:])[:2])
    with workspace() as bench:
        macro.generate(records, "records.ndjson")
        meanwhile = macro.Meanwhile()
        offices = {"one writer": ("one", one_writer), f"{writers:,} writers": ("many", many_writers),
                   f"{SIBLINGS} siblings in a field of {CONTESTED:,}": ("contested", siblings)}
        servers = {office: written(bench, office, write, "records.ndjson", records, writers) for office, write in offices.values()}
        table(dict(zip(offices, differences(bench, servers, "records.ndjson", records))))
        print()
        table({f"{count} writer{'s' * (count > 1)}": written_by(bench, count) for count in (1, WRITERS_EACH)})
        print(f"\nothers meanwhile: {meanwhile.others():.2f} cores")


if __name__ == "__main__":
    main()
