#!/usr/bin/env python3
"""Bytes, round trips and times of the real programs over slow links (release builds in .build/release, or OFFICESYNC_BIN).

    python3 Benchmarks/links.py          as root: a network namespace a side, tbf for the rate, NFQUEUE for the delay

Real lists of projects from $OFFICESYNC_SHARED/data, or ../shared/data. Beside each figure stands what zstd makes of the
same data. Needs `zstd`, `ip`, `tc`, `iptables`, and NetfilterQueue (see scripts/poor-links).
"""
import itertools, json, os, subprocess, sys, time

from macro import ROOT, SHARED, frames, program, row, run, sockets, workspace

COLLECTION = "projects"
LIST = "wb_projects_2025-03-31.csv"
OLDER, EDITS = "wb_projects_2024-08-29.csv", "wb_edits_2024-08_to_2025-03.ndjson"
EXAMPLES = os.path.join(ROOT, "Examples", "investments")
# Round trip of the satellite hop. This kernel has no netem.
DELAY_SECONDS = 0.6
SATELLITE = os.path.join(ROOT, "Tests", "EndToEnd", "Python", "satellite.py")
NAMES = ("links-a", "links-b")


class Link:
    """Two namespaces with a line between them that carries so many bits a second each way, and is late."""

    def __init__(self, kbit, round_trip=0.0):
        self.processes = []
        # A run that was broken off may have left them.
        self.close()
        for name in NAMES:
            run("ip", "netns", "add", name)
        run("ip", "link", "add", "va", "netns", NAMES[0], "type", "veth", "peer", "name", "vb", "netns", NAMES[1])
        for name, device, address in ((NAMES[0], "va", "10.77.0.1/24"), (NAMES[1], "vb", "10.77.0.2/24")):
            run("ip", "-n", name, "addr", "add", address, "dev", device)
            run("ip", "-n", name, "link", "set", device, "up")
            run("ip", "-n", name, "link", "set", "lo", "up")
            run("ip", "netns", "exec", name, "tc", "qdisc", "add", "dev", device, "root", "tbf", "rate",
                f"{kbit}kbit", "burst", "3000", "latency", "2s")
            if round_trip:
                run("ip", "netns", "exec", name, "iptables", "-A", "INPUT", "-i", device, "-p", "tcp", "-j", "NFQUEUE",
                    "--queue-num", "7")
                self.start(NAMES.index(name), sys.executable, SATELLITE, "7", str(round_trip / 2), "0", "1")

    def start(self, end, *command):
        """Starts a program at an end, and waits for its first line."""
        process = subprocess.Popen(
            ["ip", "netns", "exec", NAMES[end], *command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.processes.append(process)
        return process.stdout.readline().strip()

    def serve(self, store):
        """The address of an office's server at the far end."""
        line = self.start(1, program("syncserver"), "run", "--data", store, "--listen", "10.77.0.2:0")
        return line.removeprefix("listening on ")

    def close(self):
        for process in reversed(self.processes):
            process.terminate()
            process.wait(30)
        for name in NAMES:
            run("ip", "netns", "del", name, check=False)

    def bytes(self):
        """What went over the line, TCP's and IP's headers included."""
        _, _, text = run("ip", "-n", NAMES[0], "-s", "-j", "link", "show", "va")
        stats = json.loads(text)[0]["stats64"]
        return stats["rx"]["bytes"] + stats["tx"]["bytes"]


def over(link, store, address, verb):
    """(seconds, bytes on the line, the program's report)."""
    before = link.bytes()
    seconds, _, text = run(
        "ip", "netns", "exec", NAMES[0], program("syncclient"), verb, COLLECTION, "--data", store, "--server", address,
        "--timeout", "120", "--json")
    # The last words are still under way.
    time.sleep(DELAY_SECONDS)
    return seconds, link.bytes() - before, json.loads(text)


def zstd(path):
    return int(run("sh", "-c", f"zstd -3 -c {path} | wc -c")[2])


def unpack(name):
    run("zstd", "-dqf", os.path.join(SHARED, "data", name + ".zst"), "-o", name)


def office(bench, name, source):
    bench.office(name)
    run(program("syncserver"), "pki", "issue", "--dir", "ca", f"office/{name}", "--host", "10.77.0.2",
        "--out", f"{name}/identity", "--force")
    run(program("syncserver"), "access", "grant", "--data", name, "field/*", COLLECTION)
    run(program("syncclient"), "schema", "set", "--data", name, COLLECTION, f"{EXAMPLES}/schema.json")
    run(program("syncclient"), "import", "--data", name, COLLECTION, source, "--map", f"{EXAMPLES}/map-world-bank.json")


def first_pull(bench):
    unpack(LIST)
    office(bench, "first", LIST)
    bench.device("new")
    link = Link(256)
    seconds, carried, report = over(link, "new", link.serve("first"), "pull")
    assert report["collections"][0]["inSync"], report
    size, packed = os.path.getsize(LIST), zstd(LIST)
    row("first pull of 27,132 real projects, 256 kbit/s",
        f"{sockets(report):,} bytes on the socket: {sockets(report) / size:.1%} of the CSV, "
        f"{sockets(report) / packed:.2f} × `zstd -3`; {frames(report):,} of frames; {seconds:.0f} s "
        f"({seconds / (carried * 8 / 256_000):.2f} × the line's time for its {carried:,} bytes)")
    link.close()


def edits(bench, count):
    """Real edits, entered at an office that was in sync, fetched by a device."""
    unpack(OLDER)
    unpack(EDITS)
    office(bench, "edited", OLDER)
    bench.device("field")
    link = Link(10_000)
    over(link, "field", link.serve("edited"), "pull")
    link.close()
    # The edits of the lists' fields as those of records: what is imported is the new values, as NDJSON.
    run(sys.executable, f"{ROOT}/Tests/EndToEnd/Python/reckon.py", "split", EDITS, "one.ndjson", "two.ndjson")
    with open("one.ndjson") as lines, open("new.ndjson", "w") as out:
        out.writelines(itertools.islice(lines, count))
    run(program("syncclient"), "import", "--data", "edited", COLLECTION, "new.ndjson")
    packed = zstd("new.ndjson")
    link = Link(64, DELAY_SECONDS)
    server = link.serve("edited")
    seconds, carried, report = over(link, "field", server, "sync")
    bound = packed * 8 / 64_000 + 4 * DELAY_SECONDS
    received = report["collections"][0]["received"]
    row(f"{received:,} real edits, 64 kbit/s and 600 ms",
        f"{seconds:.1f} s = {seconds / bound:.2f} × ({packed:,} bytes of `zstd -3` / rate + four round trips); "
        f"{sockets(report):,} bytes on the socket, {frames(report):,} of frames, {report['roundTrips']} round trips")
    seconds, carried, report = over(link, "field", server, "sync")
    row("nothing changed, 64 kbit/s and 600 ms",
        f"{seconds:.1f} s = {seconds / DELAY_SECONDS:.1f} round trips in all, {report['roundTrips']} of ours; "
        f"{frames(report)} bytes of frames, {sockets(report):,} on the socket, {carried:,} on the line")
    link.close()


def main():
    sys.stdout.reconfigure(line_buffering=True)
    print("| what | figure |\n|---|---|")
    with workspace() as bench:
        first_pull(bench)
        edits(bench, 1_000)


if __name__ == "__main__":
    main()
