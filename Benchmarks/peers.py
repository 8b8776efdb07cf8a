#!/usr/bin/env python3
"""Ours beside others that keep data the same in two places, and beside what the machine can do, in one run.

    scripts/bench --peers      as root; writes a table to standard output, what macro.py says of ours to standard error

Others are measured by the scripts of ../shared/peers, those that are installed: their README.md tells how, and run_all.sh what they need.
100,000 records of gen_records.py, where no other number is said. Programs and records as for macro.py.
"""
import contextlib, os, shutil, statistics, sys, time, typing

import macro
from macro import PeerError, run, workspace

RECORDS = 100_000
PG = "/usr/lib/postgresql/15/bin/initdb"
KINTO = os.path.join(os.environ.get("PEERS_WORK", "/tmp/officesync-peers"), "kv", "bin", "kinto")


class Line(typing.NamedTuple):
    """A line of the table, and the figures of a script that belong there, by what they say that they measured, or its first words."""
    label: str
    copy: str = None
    changed: str = None
    unchanged: str = None


class Peer(typing.NamedTuple):
    name: str
    command: tuple
    needs: tuple
    lines: tuple
    records: int = RECORDS


# limits.py comes first: it also compiles what sqlite_copy.py fills its file with.
PEERS = (
    Peer("raw limits", ("limits.py", "core", "net", "tls"), ("gcc", "openssl"), (
        Line("raw SQLite, one table with its index (limits.py)", "log"),
        Line("raw TCP, NDJSON into a file, fsync (1,000,000)", "cat 1M NDJSON"),
        Line("raw TLS 1.3, mutual: OpenSSL's s_client to s_server", "s_client -> s_server bulk"),
        Line("… through Python's ssl", "python ssl bulk"),
        Line("… a full handshake (openssl s_time)", unchanged="s_time -new"))),
    Peer("PostgreSQL", ("pg.py", "100000"), (PG, "psql", "openssl"), (
        Line("PostgreSQL 15, logical replication, mutual TLS", "a initial copy", "b reconnect", "c reconnect"),)),
    Peer("rsync", ("rsync.py", "100000"), ("rsync",), (
        Line("rsync's daemon, a file a record", "a files", "b files", "c files"),
        Line("rsync's daemon, one NDJSON file", "a ndjson", "b ndjson", "c ndjson"))),
    Peer("git", ("git.py", "100000"), ("git", "/usr/lib/git-core/git-daemon"), (
        Line("git's daemon, a file a record, with checkout", "a files clone with", "b files", "c files"),
        Line("git's daemon, one NDJSON file, with checkout", "a ndjson clone with", "b ndjson", "c ndjson"))),
    Peer("SQLite's shell", ("sqlite_copy.py", "100000"), ("gcc", "sqlite3"), (
        Line("SQLite's file over TCP, fsync", "a file"),
        Line("`sqlite3 .dump` over TCP into `sqlite3`", "a dump"))),
    Peer("Syncthing", ("syncthing.py", "10000"), ("syncthing",), (
        Line("Syncthing, a file a record (10,000)", "a initial", "b 100 changed", "c restart"),), 10_000),
    Peer("Kinto", ("kinto.py", "memory", "10000"), (KINTO,), (
        Line("Kinto in memory: push (10,000)", "a push", "b push"),
        Line("… pull, stored nowhere", "a pull", "b pull", "c If-None-Match")), 10_000),
)


def rate(figure, record_bytes):
    """Records a second, of a stream too."""
    return figure.get("rate") or figure.get("rec_s") or figure["MBps"] * 1e6 / record_bytes


def milliseconds(figure):
    return 1000 * (figure["s"] if "s" in figure else 1 / figure["conn_s"])


def moved(figure):
    """Bytes both ways: through a proxy, or by the peer's own count, else all of the loopback's, with the headers of TCP/IP."""
    for up, down in (("up", "down"), ("bytes_out", "bytes_in")):
        if up in figure:
            return figure[up] + figure[down]
    return figure.get("bytes")


def size(number):
    return f"{number:,} B" if number < 10_000 else f"{number / 1e3:,.0f} kB" if number < 1e6 else f"{number / 1e6:.2f} MB"


def span(median, number):
    return f"{median:,.{0 if median >= 10 else 1}f} ms" + (f", {size(number)}" if number else "")


def show(label, copy="", record="", changed="", unchanged="", others=None):
    cells = (label, copy, record, changed, unchanged, "" if others is None else f"{others:.1f}")
    print(f"| {' | '.join(cell or '–' for cell in cells)} |", flush=True)


def named(found, name):
    """The figures of that name, else those whose name begins with it."""
    return [figure for figure in found if figure["what"] == name] or [figure for figure in found if name and figure["what"].startswith(name)]


def show_line(line, found, record_bytes):
    """What was measured of a line; nothing where there is none of it."""
    copies, changed, unchanged = (named(found, name) for name in (line.copy, line.changed, line.unchanged))
    if not copies + changed + unchanged:
        return
    cells = {}
    if copies:
        cells["copy"] = f"{statistics.median(rate(figure, record_bytes) for figure in copies):,.0f}"
        if "bytes" in copies[-1] and "n" in copies[-1]:
            cells["record"] = f"{copies[-1]['bytes'] / copies[-1]['n']:.0f}"
    for name, figures in (("changed", changed), ("unchanged", unchanged)):
        if figures:
            cells[name] = span(statistics.median(map(milliseconds, figures)), moved(figures[-1]))
    others = [figure["other_cpu"] for figure in copies + changed + unchanged if figure.get("other_cpu") is not None]
    show(line.label, **cells, others=statistics.median(others) if others else None)


def missing(needs):
    return [program for program in (*needs, "unshare", "ip") if shutil.which(program) is None]


def measure(peer, record_bytes):
    """Its lines; a note where there is something to say."""
    if absent := missing(peer.needs):
        return f"{peer.name}: not installed ({', '.join(absent)})"
    found, note = [], None
    try:
        with contextlib.closing(macro.peer(*peer.command)) as figures:
            for figure in figures:
                if figure.get("n", peer.records) == peer.records:
                    found.append(figure)
    except PeerError as error:
        note = f"{peer.name}: not measured, or not all: {error}"
    for line in peer.lines:
        show_line(line, found, record_bytes)
    return note


def copied(path):
    """Seconds that `cp` and an fsync take, the median of three."""
    times = []
    for _ in range(3):
        os.sync()
        start = time.monotonic()
        run("cp", path, "copy")
        run("sync", "copy")
        times.append(time.monotonic() - start)
        os.remove("copy")
    return statistics.median(times)


def ours(bench):
    """The first lines: ours, and what is measured with the same files. Bytes of a record as JSON."""
    figures, meanwhile = {}, macro.Meanwhile()
    with contextlib.redirect_stdout(sys.stderr):
        source, store, device, server = macro.bulk(bench, RECORDS, "all", None, figures)
        macro.small(bench, source, store, device, server, RECORDS, figures)
    server.stop()
    others = meanwhile.others()
    show("OfficeSync, mutual TLS", f"{figures['pullPerSecond']:,.0f}", f"{figures['wireBytes']:.0f}",
         span(figures["changed100Ms"], figures["changed100WireBytes"]), span(figures["unchangedMs"], figures["unchangedWireBytes"]), others)
    show("raw SQLite in C, the tables of OfficeSync (limit.c)", f"{figures['limitPerSecond']:,.0f}", others=others)
    for what, path in (("the NDJSON", source), ("OfficeSync's store", f"{device}/store.sqlite")):
        meanwhile = macro.Meanwhile()
        show(f"`cp` of {what}, fsync", f"{RECORDS / copied(path):,.0f}", f"{os.path.getsize(path) / RECORDS:.0f}", others=meanwhile.others())
    return figures["jsonBytes"]


def main():
    if os.geteuid() != 0:
        sys.exit("The peers are measured in network namespaces of their own: run it as root.")
    with workspace() as bench:
        print("| | first copy, records/s | bytes a record | 100 changed | nothing changed | others, cores |\n|---|---|---|---|---|---|")
        record_bytes = ours(bench)
        notes = [measure(peer, record_bytes) for peer in PEERS]
        print("\n".join(["", *filter(None, notes)]))


if __name__ == "__main__":
    main()
