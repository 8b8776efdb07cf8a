#!/usr/bin/env python3
"""What an attack from one core costs honest clients, and what silent connections cost the server (release builds in
.build/release, or OFFICESYNC_BIN; Linux, two cores).

    python3 Benchmarks/attack.py [SYNCS]      default 60

First: 200 new connections a second from the other core, 50 of them finishing TLS with a good certificate and then silent,
while a client changes a record and syncs it, again and again. Then: 5,000 silent or half-open connections, with the limits
of a new office, and with limits that let all of them stand.
"""
import os, resource, socket, ssl, statistics, subprocess, sys, threading, time

import macro
from macro import COLLECTION, Server, own_kib, program, row, run, workspace

RATE, FINISHING, THREADS = 200, 50, 10
CROWD = 5_000
HALF_A_HELLO = bytes.fromhex("16030102000100") + bytes(100)
WIDE = f"handshakes = {2 * CROWD}\nhandshakes-per-address = {2 * CROWD}\nhandshake-timeout = 60\ntimeout = 120\n"
SERVER_CORE, ATTACKER_CORE = 0, 1


def descriptors():
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def attack(address):
    """Until standard input ends: RATE connections a second, every fourth of which finishes TLS. Each is kept for ten seconds."""
    os.sched_setaffinity(0, {ATTACKER_CORE})
    descriptors()
    host, _, port = address.rpartition(":")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.load_cert_chain("mallory/identity.pem", "mallory/identity.key")
    context.set_alpn_protocols(["officesync/1"])
    counts, ended, lock = {"begun": 0, "finished": 0, "failed": 0}, threading.Event(), threading.Lock()

    def note(what):
        with lock:
            counts[what] += 1

    def finish(first):
        """A thread's share of those that finish TLS."""
        kept, due = [], time.monotonic() + first
        while not ended.wait(max(0, due - time.monotonic())):
            due += THREADS / FINISHING
            try:
                link = socket.create_connection((host, int(port)), 5, ("127.8.0.2", 0))
                note("begun")
                kept.append((due, context.wrap_socket(link)))
                note("finished")
            except OSError:
                note("failed")
            while kept and kept[0][0] < due - 10:
                kept.pop(0)[1].close()

    threads = [threading.Thread(target=finish, args=(n / FINISHING,), daemon=True) for n in range(THREADS)]
    for thread in threads:
        thread.start()
    print("ready", flush=True)
    threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
    kept, due = [], time.monotonic()
    while not ended.wait(max(0, due - time.monotonic())):
        due += 1 / (RATE - FINISHING)
        try:
            link = socket.socket()
            link.setblocking(False)
            link.bind(("127.8.0.1", 0))
            link.connect_ex((host, int(port)))
            note("begun")
            kept.append((due, link))
        except OSError:
            note("failed")
        while kept and kept[0][0] < due - 10:
            kept.pop(0)[1].close()
    print(counts, flush=True)


def crowd(address):
    """Until standard input ends: CROWD connections, half of which have begun a handshake."""
    descriptors()
    host, _, port = address.rpartition(":")
    kept = []
    for number in range(CROWD):
        link = socket.create_connection((host, int(port)), 30, (f"127.7.{number // 200}.1", 0))
        if number % 2:
            try:
                link.sendall(HALF_A_HELLO)
            except ConnectionError:
                pass
        kept.append(link)
    print("ready", flush=True)
    sys.stdin.read()


class Helper:
    def __init__(self, what, address):
        self.process = subprocess.Popen(
            [sys.executable, os.path.abspath(__file__), what, address],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline() == "ready\n"

    def end(self):
        self.process.stdin.close()
        said = self.process.stdout.read().strip()
        self.process.wait(60)
        return said


def pinned(server):
    os.sched_setaffinity(0, {SERVER_CORE})
    for thread in os.listdir(f"/proc/{server.process.pid}/task"):
        os.sched_setaffinity(int(thread), {SERVER_CORE})


def syncs(bench, server, count):
    """Milliseconds of each."""
    times = []
    for number in range(count):
        run(program("syncclient"), "put", "--data", "amina", COLLECTION, f"r{number % 10}", f"n={time.monotonic_ns()}")
        seconds, _, report = bench.sync("sync", "amina", server)
        assert report["collections"][0]["inSync"], report
        times.append(seconds * 1_000)
    return times


def under_attack(bench, count):
    server = Server("office")
    pinned(server)
    syncs(bench, server, 5)
    alone = syncs(bench, server, count)
    helper = Helper("--attack", server.address)
    time.sleep(5)
    attacked = syncs(bench, server, count)
    said = helper.end()
    medians = statistics.median(alone), statistics.median(attacked)
    row(f"a change and its sync, {RATE} connections/s from another core, {FINISHING} of them finishing TLS",
        f"median {medians[1]:.0f} ms, {medians[0]:.0f} ms without: {medians[1] / medians[0]:.2f} times; "
        f"95th of 100: {sorted(attacked)[int(count * 0.95)]:.0f} ms, {sorted(alone)[int(count * 0.95)]:.0f} ms; attacker: {said}")
    server.stop()
    os.sched_setaffinity(0, {SERVER_CORE, ATTACKER_CORE})


def crowded(bench, label, settings):
    with open("office/config.toml", "a") as file:
        file.write(settings)
    server = Server("office")
    syncs(bench, server, 5)
    idle = own_kib(server.process.pid) / 1024
    helper = Helper("--crowd", server.address)
    most = own_kib(server.process.pid) / 1024
    times = syncs(bench, server, 10)
    most = max(most, own_kib(server.process.pid) / 1024)
    standing = len(os.listdir(f"/proc/{server.process.pid}/fd"))
    helper.end()
    row(f"{CROWD:,} silent or half-open connections, {label}",
        f"{most - idle:.0f} MiB above {idle:.0f} MiB, {standing:,} descriptors open; syncs meanwhile {statistics.median(times):.0f} ms")
    server.stop()


def main():
    if sys.argv[1:2] in (["--attack"], ["--crowd"]):
        return {"--attack": attack, "--crowd": crowd}[sys.argv[1]](sys.argv[2])
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    descriptors()
    with workspace() as bench:
        for name in ("amina", "mallory"):
            bench.device(name)
        run(program("syncclient"), "put", "--data", "office", COLLECTION, "r1", "title=One")
        print("| what | figure |\n|---|---|")
        under_attack(bench, count)
        crowded(bench, "the limits of a new office", "")
        crowded(bench, "limits that let all of them stand", WIDE)


if __name__ == "__main__":
    main()
