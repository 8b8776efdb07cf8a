#!/usr/bin/env python3
"""What deleted records cost, and comparing: the real programs on loopback.

    python3 Benchmarks/tombstones.py [RECORDS]      default 1,000,000

Each in a collection of an office, pulled by a device: records as they are, the same deleted (their values stay beneath), and
deleted ones that never had a value, which is about what a purge leaves. Programs and records as for macro.py.
"""
import json, os, shutil, statistics, sys

import macro
from macro import COLLECTION, Server, frames, program, row, run, workspace


def deleted(source, target, keeps_values):
    with open(source) as lines, open(target, "w") as out:
        for line in lines:
            record = json.loads(line)
            identifier = record.pop("id")
            out.write(json.dumps({"collection": COLLECTION, "id": identifier, "deleted": True, "clock": {},
                                  "fields": record if keeps_values else {}}) + "\n")


def measure(bench, label, what, source, count):
    office, device = f"office-{label}", f"device-{label}"
    bench.office(office)
    bench.device(device)
    run(program("syncclient"), "import", "--data", office, COLLECTION, source)
    server = Server(office)
    seconds, peak, report = bench.sync("pull", device, server)
    collection = report["collections"][0]
    assert collection["received"] == count and collection["inSync"], report
    size = os.path.getsize(f"{device}/store.sqlite")
    row(f"{what}: on disk", f"{size / count:.0f} bytes a record")
    row(f"{what}: first pull", f"{report['bytesReceived'] / count:.0f} bytes a record on the wire, {count / seconds:,.0f} records/s, "
        f"peak {peak:.0f} MiB")
    runs = [bench.sync("sync", device, server) for _ in range(5)]
    last = runs[-1][2]
    row(f"{what}: sync, nothing changed", f"{statistics.median(one[0] * 1000 for one in runs):.0f} ms, "
        f"{frames(last)} bytes of frames, peak {runs[-1][1]:.0f} MiB")
    return office, device, server


def verify(office, device, server, count):
    common = (program("syncclient"), "verify", "--data", device, "--json")
    seconds, peak, _ = run(*common, "--local")
    row(f"`verify --local` of {count:,}", f"{seconds:.1f} s, peak {peak:.0f} MiB")
    for what in ("the same", "one record flipped here"):
        seconds, peak, out = run(*common, "--server", server.address, check=False)
        report = json.loads(out)
        row(f"`verify`, {what}", f"{seconds:.1f} s, peak {peak:.0f} MiB, {report['roundTrips']} round trips, "
            f"{report['bytesSent'] + report['bytesReceived']:,} bytes on the wire, server's peak {server.peak_mib():.0f} MiB")
        flip(device)


def flip(device):
    import sqlite3
    db = sqlite3.connect(f"{device}/store.sqlite")
    db.execute("UPDATE record SET checksum = ~checksum WHERE number = (SELECT max(number) / 2 FROM record)")
    db.commit()


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with workspace() as bench:
        print(f"| {count:,} records | figure |\n|---|---|")
        macro.generate(count, "live.ndjson")
        deleted("live.ndjson", "beneath.ndjson", True)
        deleted("live.ndjson", "bare.ndjson", False)
        for label, what in (("bare", "deleted, without values"), ("beneath", "deleted, values beneath"), ("live", "live")):
            office, device, server = measure(bench, label, what, f"{label}.ndjson", count)
            os.remove(f"{label}.ndjson")
            if label == "live":
                verify(office, device, server, count)
            server.stop()
            shutil.rmtree(office)
            shutil.rmtree(device)


if __name__ == "__main__":
    main()
