#!/usr/bin/env python3
"""What idle live connections cost a server: memory each, and processor (release builds in .build/release, or OFFICESYNC_BIN).

    python3 Benchmarks/idle.py [CONNECTIONS]      default 1000, which is as many as a new office's server takes

Each connection is a session that lasts, of one device: mutual TLS, Hello, a sync of what is there, Watch; then silence. The
independent client (Tests/Independent) keeps them, a few hundred a process. Programs as for macro.py.
"""
import os, resource, select, subprocess, sys, time

import macro
from macro import COLLECTION, Server, cpu_seconds, own_kib, program, row, run, workspace

sys.path.insert(0, os.path.join(macro.ROOT, "Tests", "Independent"))
from officesync import link, messages, session, store  # noqa: E402

WARM_UP, QUIET_SECONDS = 50, 60
# The client's `select` takes no more than 1,024 files.
HOLDER_MAX = 500
ALIVE_SECONDS = 40


class Trusting(link.Link):
    """Shows what `syncclient` shows: Python would add the authority's certificate, which the server has, if it knew it."""

    def _office(self):
        return None


def hold(address, count):
    """Keeps connections until standard input ends."""
    host, _, port = address.rpartition(":")
    tls = link.context("watcher/identity.pem", "watcher/identity.key", None)
    replica = store.Store("field/watcher")
    links = []
    for _ in range(count):
        links.append(Trusting((host, int(port)), tls))
        session.sync(links[-1], replica, [COLLECTION], session.PULL)
        links[-1].send(messages.Watch([]))
        links[-1].flush()
    print("ready", flush=True)
    while not select.select([sys.stdin], [], [], ALIVE_SECONDS)[0]:
        for one in links:
            one.send(messages.Alive())
            one.flush()


class Holders:
    def __init__(self):
        self.processes = []

    def add(self, address, count):
        for first in range(0, count, HOLDER_MAX):
            self.processes.append(subprocess.Popen(
                [sys.executable, os.path.abspath(__file__), "--hold", address, str(min(HOLDER_MAX, count - first))],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
            assert self.processes[-1].stdout.readline() == "ready\n"

    def end(self):
        for process in self.processes:
            process.stdin.close()
            process.wait(30)


def main():
    if sys.argv[1:2] == ["--hold"]:
        return hold(sys.argv[2], int(sys.argv[3]))
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    holders = Holders()
    with workspace() as bench:
        bench.device("watcher")
        run(program("syncclient"), "put", "--data", "office", COLLECTION, "r1", "title=One")
        # Its own address, and one device: neither is what a server would see of a thousand.
        with open("office/config.toml", "a") as settings:
            settings.write(f"connections = {max(count, 1_000)}\nconnections-per-identity = {count}\n")
        server = Server("office")
        pid = server.process.pid
        try:
            holders.add(server.address, WARM_UP)
            # What only waits for a first message is over by then.
            time.sleep(15)
            before = own_kib(pid)
            holders.add(server.address, count - WARM_UP)
            time.sleep(15)
            each = (own_kib(pid) - before) / (count - WARM_UP)
            cpu, start = cpu_seconds(pid), time.monotonic()
            time.sleep(QUIET_SECONDS)
            share = (cpu_seconds(pid) - cpu) / (time.monotonic() - start) * 100
            # Both sides have said meanwhile that they are there.
            later = (own_kib(pid) - before) / (count - WARM_UP)
        finally:
            holders.end()
        print("| what | figure |\n|---|---|")
        row(f"{count:,} idle live connections on one server", f"{each:.1f} KiB each, {later:.1f} after a sign of life, {share:.2f} % of a core")


if __name__ == "__main__":
    main()
