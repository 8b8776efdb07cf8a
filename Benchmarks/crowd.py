#!/usr/bin/env python3
"""Many devices at one office at once: each has work to push and all of the others' to pull.

    python3 Benchmarks/crowd.py [DEVICES] [RECORDS]      default 200 and 1,000; 10 writes a device

The real programs on loopback, started together, on the two cores that the office has too. Programs as for macro.py.
"""
import json, statistics, subprocess, sys, time

from macro import COLLECTION, Server, cpu_seconds, generate, program, row, run, workspace

WRITES = 10


def together(devices, server):
    """Syncs of all at once: seconds from the start of the first to the end of each, sorted, and their reports."""
    start = time.monotonic()
    waiting = {
        subprocess.Popen(
            [program("syncclient"), "sync", "--data", name, "--server", server.address, "--json", "--timeout", "300"],
            stdout=open(f"{name}.out", "w"), stderr=subprocess.DEVNULL): name
        for name in devices}
    ends, failed = [], []
    while waiting:
        for process in [process for process in waiting if process.poll() is not None]:
            ends.append(time.monotonic() - start)
            name = waiting.pop(process)
            if process.returncode != 0:
                failed.append(f"{name}: exit {process.returncode}\n{open(f'{name}.out').read()[-500:]}")
        time.sleep(0.005)
    if failed:
        sys.exit(f"{len(failed)} of {len(devices)} failed; the first: {failed[0]}")
    return sorted(ends), [json.load(open(f"{name}.out")) for name in devices]


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    records = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000
    with workspace() as bench:
        print("| what | figure |\n|---|---|")
        generate(records, "all.ndjson")
        run(program("syncclient"), "import", "--data", "office", COLLECTION, "all.ndjson")
        devices = [f"device-{number}" for number in range(count)]
        for number, name in enumerate(devices):
            bench.device(name)
            with open("own.ndjson", "w") as lines:
                for write in range(WRITES):
                    lines.write(json.dumps({"id": f"{name}-{write}", "title": f"Visit {write}", "budget": number}) + "\n")
            run(program("syncclient"), "import", "--data", name, COLLECTION, "own.ndjson")
        server = Server("office")
        idle, before = server.peak_mib(), cpu_seconds(server.process.pid)
        ends, _ = together(devices, server)
        used = cpu_seconds(server.process.pid) - before
        row(f"{count} devices push {WRITES} and pull {records:,} at once",
            f"{ends[-1]:.1f} s until the last; the median ends after {statistics.median(ends):.1f} s, the first after {ends[0]:.2f} s")
        row("… the office", f"{1000 * used / count:.1f} ms of processor a device, peak {server.peak_mib():.0f} MiB ({idle:.0f} MiB before)")
        # What others pushed after a device's turn.
        ends, reports = together(devices, server)
        total = records + count * WRITES
        row(f"the same once more, up to {count * WRITES:,} of the others' to pull",
            f"{ends[-1]:.1f} s until the last; the median ends after {statistics.median(ends):.1f} s")
        states = {(found["inSync"], found["fingerprint"] if "fingerprint" in found else None)
                  for report in reports for found in report["collections"]}
        assert {sync for sync, _ in states} == {True}, states
        status = json.loads(run(program("syncclient"), "status", "--data", "office", "--json")[2])
        held = {found["name"]: found["records"] for found in status["collections"]}
        assert held[COLLECTION] == total, held
        prints = set()
        for name in devices + ["office"]:
            status = json.loads(run(program("syncclient"), "status", "--data", name, "--json")[2])
            prints |= {found["fingerprint"] for found in status["collections"] if found["name"] == COLLECTION}
        assert len(prints) == 1, prints
        row("afterwards", f"{total:,} records in {count + 1} stores, one fingerprint")


main()
