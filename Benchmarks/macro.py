#!/usr/bin/env python3
"""Measures the real programs on loopback, beside raw SQLite loading the same bytes in the same run.

    scripts/bench [RECORDS]          default 1,000,000; writes docs/PERFORMANCE.md's table to standard output

Records come from gen_records.py (about 600 bytes of JSON each), found in $OFFICESYNC_SHARED/peers or ../shared/peers.
Standard library alone; loopback alone; what it starts it stops.
"""
import contextlib, json, os, re, shutil, sqlite3, statistics, subprocess, sys, tempfile, threading, time

SCRIPT = os.path.abspath(__file__)
ROOT = os.path.dirname(os.path.dirname(SCRIPT))
BIN = os.path.abspath(os.environ.get("OFFICESYNC_BIN", os.path.join(ROOT, ".build", "release")))
SHARED = os.path.abspath(os.environ.get("OFFICESYNC_SHARED", os.path.join(ROOT, "..", "shared")))
COLLECTION = "bench"


def run(*command, check=True):
    """Runs a program to its end: (seconds, peak MiB, standard output)."""
    start = time.monotonic()
    out = tempfile.TemporaryFile()
    process = subprocess.Popen(command, stdout=out, stderr=subprocess.PIPE)
    errors = []
    reader = threading.Thread(target=lambda: errors.append(process.stderr.read()))
    reader.start()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - start
    reader.join()
    process.returncode = os.waitstatus_to_exitcode(status)
    out.seek(0)
    text = out.read().decode()
    if check and process.returncode != 0:
        sys.exit(f"{' '.join(command)}: exit {process.returncode}\n{text[-2000:]}\n{errors[0].decode()[-2000:]}")
    return seconds, usage.ru_maxrss / 1024, text


def cpu_seconds(*pids):
    """Processor that these took until now, in their own code and in the kernel."""
    ticks = 0
    for pid in pids:
        with open(f"/proc/{pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def own_kib(pid):
    """What is the process's own: the libraries that it shares are none of it."""
    with open(f"/proc/{pid}/smaps_rollup") as rollup:
        return sum(int(size) for size in re.findall(r"^Private_(?:Clean|Dirty):\s+(\d+)", rollup.read(), re.M))


def program(name):
    return os.path.join(BIN, name)


class Server:
    running = []

    def __init__(self, store):
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [program("syncserver"), "run", "--data", store, "--listen", "127.0.0.1:0"],
            stdout=subprocess.PIPE, stderr=self.log, text=True)
        Server.running.append(self)
        self.address = self.process.stdout.readline().strip().removeprefix("listening on ")

    def peak_mib(self):
        with open(f"/proc/{self.process.pid}/status") as status:
            return int(re.search(r"VmHWM:\s+(\d+)", status.read())[1]) / 1024

    def stop(self):
        self.process.terminate()
        self.process.wait(30)


def raw_sqlite(path, source):
    """The limit: the same bytes into tables of the same shape, 10,000 rows a transaction, durable. Records a second."""
    with open(source, "rb") as file:
        lines = file.read().splitlines()
    db = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "cache_size=-65536", "wal_autocheckpoint=10000"):
        db.execute(f"PRAGMA {pragma}")
    db.execute("CREATE TABLE record(number INTEGER PRIMARY KEY, id BLOB UNIQUE, state BLOB)")
    db.execute("CREATE TABLE entry(origin INT, counter INT, record INT, PRIMARY KEY(origin, counter, record)) WITHOUT ROWID")
    start = time.monotonic()
    for first in range(0, len(lines), 10_000):
        part = lines[first:first + 10_000]
        db.execute("BEGIN IMMEDIATE")
        db.executemany("INSERT INTO record(id, state) VALUES(?, ?)", ((line[7:43], line) for line in part))
        db.executemany("INSERT INTO entry VALUES(1, ?, ?)", ((first + n, first + n) for n in range(len(part))))
        db.execute("COMMIT")
    return len(lines) / (time.monotonic() - start)


def generate(count, path):
    generator = os.path.join(SHARED, "peers", "gen_records.py")
    if not os.path.exists(generator):
        sys.exit(f"{generator} is missing: name the folder that holds peers/ in OFFICESYNC_SHARED")
    subprocess.run([sys.executable, generator, str(count), path], check=True)


def changed_lines(source, target, count, of):
    """`count` records spread over the file, one field changed in each."""
    step = of // count
    with open(source) as lines, open(target, "w") as out:
        for n, line in enumerate(lines):
            if n % step == 0 and n // step < count:
                record = json.loads(line)
                record["budget"] += 1
                out.write(json.dumps({"id": record["id"], "budget": record["budget"]}) + "\n")


class Bench:
    def __init__(self, folder):
        self.folder = folder
        os.chdir(folder)
        run(program("syncserver"), "pki", "init", "--dir", "ca", "--organisation", "Bench")
        self.office("office")

    def office(self, name):
        run(program("syncserver"), "init", "--data", name, "--name", name)
        run(program("syncserver"), "pki", "issue", "--dir", "ca", f"office/{name}", "--host", "127.0.0.1", "--out", f"{name}/identity")
        shutil.copy("ca/ca.pem", name)
        run(program("syncserver"), "access", "grant", "--data", name, "field/*", COLLECTION)

    def device(self, name):
        run(program("syncclient"), "init", "--data", name, "--name", name)
        run(program("syncserver"), "pki", "issue", "--dir", "ca", f"field/{name}", "--request", f"{name}/request.csr", "--out", f"{name}/identity")
        shutil.copy("ca/ca.pem", name)

    def sync(self, verb, store, server):
        seconds, peak, out = run(program("syncclient"), verb, "--data", store, "--server", server.address, "--json")
        return seconds, peak, json.loads(out)


@contextlib.contextmanager
def workspace():
    """A bench in a folder of its own; afterwards the servers are stopped, and the folder is gone."""
    home = os.getcwd()
    folder = tempfile.mkdtemp(prefix="officesync-bench-", dir=os.environ.get("TMPDIR"))
    try:
        yield Bench(folder)
    finally:
        for server in Server.running:
            server.stop()
        os.chdir(home)
        shutil.rmtree(folder, ignore_errors=True)


def row(what, figure):
    print(f"| {what} | {figure} |", flush=True)


def bulk(bench, count, label):
    """Import at an office, first pull by a device."""
    source = f"{label}.ndjson"
    generate(count, source)
    store = f"office-{label}"
    bench.office(store)
    seconds, peak, _ = run(program("syncclient"), "import", "--data", store, COLLECTION, source, "--json")
    row(f"import of {count:,} NDJSON lines", f"{count / seconds:,.0f} records/s, {seconds:.1f} s, peak {peak:.0f} MiB")
    # In a process of its own: what this one holds would count as the programs' memory, which begin as its copies.
    limit = float(run(sys.executable, SCRIPT, "--raw", "raw.sqlite", source)[2])
    raw_bytes = os.path.getsize(source)
    os.remove("raw.sqlite")
    row(f"raw SQLite, same bytes ({count:,})", f"{limit:,.0f} records/s")
    server = Server(store)
    bench.device(f"device-{label}")
    seconds, peak, report = bench.sync("pull", f"device-{label}", server)
    assert report["collections"][0]["received"] == count and report["collections"][0]["inSync"], report
    rate = count / seconds
    row(f"first pull of {count:,} records", f"{rate:,.0f} records/s ({rate / limit:.2f} × raw SQLite), {seconds:.1f} s, "
        f"{report['bytesReceived'] / count:.0f} bytes a record on the wire")
    row(f"peak memory of that pull", f"client {peak:.0f} MiB, server {server.peak_mib():.0f} MiB")
    size = sum(os.path.getsize(f"device-{label}/{name}") for name in os.listdir(f"device-{label}") if name.startswith("store.sqlite"))
    row("size of the device's store", f"{size / raw_bytes:.2f} × the NDJSON")
    return source, store, f"device-{label}", server


def small(bench, source, store, device, server, count):
    times, report = [], None
    for _ in range(9):
        seconds, _, report = bench.sync("sync", device, server)
        times.append(seconds * 1000)
    row(f"sync, nothing changed, of {count:,}", f"{statistics.median(times):.0f} ms command start to end, {report['roundTrips']} round trip, "
        f"{report['frameBytesSent'] + report['frameBytesReceived']} bytes of frames, {report['bytesSent'] + report['bytesReceived']} on the wire")
    changed_lines(source, "changed.ndjson", 100, count)
    run(program("syncclient"), "import", "--data", store, COLLECTION, "changed.ndjson")
    seconds, _, report = bench.sync("sync", device, server)
    assert report["collections"][0]["received"] == 100, report
    row(f"sync, 100 changed of {count:,}", f"{seconds * 1000:.0f} ms, {report['roundTrips']} round trips, "
        f"{report['frameBytesReceived']} bytes of frames received, {report['bytesReceived']} on the wire")
    record = json.loads(open(source).readline())["id"]
    times = [run(program("syncclient"), "get", "--data", device, COLLECTION, record, "--json")[0] * 1000 for _ in range(15)]
    row(f"`syncclient get`, of {count:,}", f"{statistics.median(times):.0f} ms")


def main():
    if sys.argv[1:2] == ["--raw"]:
        return print(raw_sqlite(*sys.argv[2:]))
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with workspace() as bench:
        print("| what | figure |\n|---|---|")
        for size in sorted({100_000, count}):
            source, store, device, server = bulk(bench, size, str(size))
            small(bench, source, store, device, server, size)
            for name in (store, device):
                shutil.rmtree(name)
            os.remove(source)


if __name__ == "__main__":
    main()
