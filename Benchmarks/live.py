#!/usr/bin/env python3
"""How soon a change shows at the other end of a chain of standing offices, what idle ones cost, and what a courier needs.

    python3 Benchmarks/live.py [OFFICES] [CHANGES]      default 12 and 100

The real programs on loopback, each office connected to the next by `syncserver peer add`. Programs as for macro.py.
"""
import json, os, re, sqlite3, statistics, sys, time

import macro
from macro import COLLECTION, Server, cpu_seconds, generate, program, row, run, workspace


def switches(servers):
    """Wanted context switches of each thread: one that wakes and sleeps again makes one."""
    counts = {}
    for server in servers:
        for task in os.listdir(f"/proc/{server.process.pid}/task"):
            with open(f"/proc/{server.process.pid}/task/{task}/status") as status:
                counts[task] = int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)", status.read(), re.M)[1])
    return counts


def fingerprint(db):
    found = db.execute("SELECT fingerprint FROM collection WHERE name = ?", (COLLECTION,)).fetchone()
    return found and found[0]


def chain(bench, offices, changes):
    names = [f"chain-{n}" for n in range(offices)]
    for name in names:
        bench.office(name)
    servers = [Server(name) for name in names]
    for name, next_server in zip(names, servers[1:]):
        run(program("syncserver"), "peer", "add", "--data", name, next_server.address)
    last = sqlite3.connect(f"file:{names[-1]}/store.sqlite?mode=ro", uri=True, isolation_level=None)
    times = []
    for number in range(changes + 5):
        before = fingerprint(last)
        run(program("syncclient"), "put", "--data", names[0], COLLECTION, f"r{number % 10}", f"number={number}")
        start = time.monotonic()
        while fingerprint(last) == before:
            time.sleep(0.001)
            if time.monotonic() - start > 30:
                sys.exit(f"change {number} never came")
        times.append((time.monotonic() - start) * 1000)
    times = times[5:]
    row(f"a change along a chain of {offices} standing offices", f"median {statistics.median(times):.0f} ms, "
        f"worst of {changes} {max(times):.0f} ms, from the end of `put`")
    # Pauses that were given up run out.
    time.sleep(60)
    pids = [server.process.pid for server in servers]
    cpu, woken, start = cpu_seconds(*pids), switches(servers), time.monotonic()
    time.sleep(60)
    seconds = time.monotonic() - start
    wakes = sum(count - woken.get(task, 0) for task, count in switches(servers).items())
    row(f"{offices} idle servers, {offices - 1} live connections", f"{(cpu_seconds(*pids) - cpu) / seconds * 100:.2f} % of a "
        f"core, {wakes / seconds / offices:.2f} wake-ups a second each")
    for server in servers:
        server.stop()
        Server.running.remove(server)


def courier(bench, records):
    generate(records, "courier.ndjson")
    for name in ("from", "to"):
        bench.office(name)
    run(program("syncclient"), "import", "--data", "from", COLLECTION, "courier.ndjson")
    ends = [Server("from"), Server("to")]
    command = (program("syncclient"), "replicate", "--from", ends[0].address, "--to", ends[1].address, "--data", "from", "--json")
    os.environ["HOME"] = os.getcwd()
    seconds, peak, out = run(*command)
    carried = next(one for one in json.loads(out)["collections"] if one["name"] == COLLECTION)
    assert carried["fromTo"] == records and carried["inSync"], carried
    row(f"`replicate` of {records:,} records", f"{records / seconds:,.0f} records/s, peak of the courier {peak:.0f} MiB")
    runs = [run(*command) for _ in range(5)]
    row("`replicate`, nothing changed", f"{statistics.median(one[0] * 1000 for one in runs):.0f} ms")


def main():
    offices, changes = (int(text) for text in (sys.argv[1:3] + ["12", "100"][len(sys.argv) - 1:])[:2])
    with workspace() as bench:
        print("| what | figure |\n|---|---|")
        chain(bench, offices, changes)
        courier(bench, 100_000)


if __name__ == "__main__":
    main()
