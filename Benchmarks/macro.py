#!/usr/bin/env python3
"""Measures the real programs on loopback, beside raw SQLite in C (limit.c) that loads the
same bytes, and PostgreSQL where it is installed, in the same run.

    scripts/bench [--plots] [RECORDS ...]      1,000 10,000 100,000 1,000,000 unless told; writes a table to standard output

--plots keeps the figures in docs/performance/figures.json and draws them beside it (plots.py).
Records come from gen_records.py (about 600 bytes of JSON each), found in $OFFICESYNC_SHARED/peers or ../shared/peers.
Standard library alone; loopback alone; what it starts it stops.
"""
import argparse, contextlib, itertools, json, os, re, resource, shutil, signal, statistics, subprocess, sys, tempfile, threading, time

import plots

SCRIPT = os.path.abspath(__file__)
ROOT = os.path.dirname(os.path.dirname(SCRIPT))
BIN = os.path.abspath(os.environ.get("OFFICESYNC_BIN", os.path.join(ROOT, ".build", "release")))
SHARED = os.path.abspath(os.environ.get("OFFICESYNC_SHARED", os.path.join(ROOT, "..", "shared")))
COLLECTION = "bench"
# Below that it is the start of PostgreSQL's replication that would be measured, of a second and a half.
RIVAL_RECORDS_MIN = 100_000
# How often the small syncs are measured.
TIMES = 9


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


class Meanwhile:
    """How much processor others have while this runs, in cores: figures of a busy machine are to be known as such."""

    def __init__(self):
        self.begin = self.look()

    @staticmethod
    def look():
        with open("/proc/stat") as stat:
            user, nice, system, _, _, interrupts, soft = (int(ticks) for ticks in stat.readline().split()[1:8])
        busy = (user + nice + system + interrupts + soft) / os.sysconf("SC_CLK_TCK")
        own = sum(usage.ru_utime + usage.ru_stime for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))
        servers = (server.process.pid for server in Server.running if server.process.poll() is None)
        return time.monotonic(), busy - own - cpu_seconds(*servers)

    def others(self):
        (begin, before), (end, after) = self.begin, self.look()
        return max(0, (after - before) / (end - begin))


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


def limit(source):
    """The same bytes through a pipe into the same tables in C, by each way of filling the index by ID: records a second."""
    compiler = shutil.which("cc") or shutil.which("clang")
    if compiler is None:
        sys.exit("no C compiler: apt-get install gcc libsqlite3-dev")
    subprocess.run([compiler, "-O2", "-o", "limit", os.path.join(ROOT, "Benchmarks", "limit.c"), "-lsqlite3"], check=True)
    rates = {}
    for way in ("rows", "order", "late"):
        sender = subprocess.Popen(["cat", source], stdout=subprocess.PIPE)
        loaded = subprocess.run(["./limit", "limit.sqlite", way], stdin=sender.stdout, stdout=subprocess.PIPE, check=True)
        sender.wait()
        rates[way] = float(loaded.stdout)
        for suffix in ("", "-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                os.remove("limit.sqlite" + suffix)
    return rates


class PeerError(Exception):
    """Why there are no more figures of a peer."""


def peer(script, *arguments, seconds=600):
    """What a script of the peers prints, figure by figure. It is ended when nobody wants more of them, or its time is over."""
    errors = tempfile.TemporaryFile("w+")
    # It waits that long for a quiet machine before each figure, and then measures all the same.
    process = subprocess.Popen(
        [sys.executable, os.path.join(SHARED, "peers", script), *arguments], stdout=subprocess.PIPE, stderr=errors, text=True, cwd="/",
        preexec_fn=os.setpgrp, env={"QUIET_WAIT": "3", **os.environ})
    late = threading.Event()

    def end():
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(30)
        # Whatever it left running would keep its standard output open.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)

    timer = threading.Timer(seconds, lambda: (late.set(), end()))
    timer.start()
    try:
        yield from (json.loads(line) for line in process.stdout if line.startswith("{"))
        status = process.wait()
    finally:
        timer.cancel()
        end()
    if late.is_set():
        raise PeerError(f"its {seconds} s were over: machine busy")
    if status != 0:
        errors.seek(0)
        raise PeerError(f"{script} ended with {status}: {(errors.read().splitlines() or ['it did not say why'])[-1]}")


def postgresql(count):
    """Records a second of the first copy by logical replication between two PostgreSQL clusters, mutual TLS too; None where it is not installed."""
    if os.geteuid() != 0 or shutil.which("psql") is None or not os.path.exists(os.path.join(SHARED, "peers")):
        return None
    try:
        with contextlib.closing(peer("pg.py", str(count))) as figures:
            return next((figure["rate"] for figure in figures if figure["what"].startswith("a initial copy")), None)
    except PeerError as error:
        print(f"PostgreSQL was not measured: {error}", file=sys.stderr)


def generate(count, path):
    generator = os.path.join(SHARED, "peers", "gen_records.py")
    if not os.path.exists(generator):
        sys.exit(f"{generator} is missing: name the folder that holds peers/ in OFFICESYNC_SHARED")
    subprocess.run([sys.executable, generator, str(count), path], check=True)


def changed_lines(source, target, count, of, field="budget", by=1):
    """`count` records spread over the file, one field changed in each."""
    step = of // count
    with open(source) as lines, open(target, "w") as out:
        for n, line in enumerate(lines):
            if n % step == 0 and n // step < count:
                record = json.loads(line)
                out.write(json.dumps({"id": record["id"], field: record[field] + by}) + "\n")


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

    def syncs(self, pairs, received=0, change=lambda number: None):
        """Syncs of devices with their servers, in turn, that each bring so many records, since something changed before: of each pair the
        median in milliseconds, and what its last one reported."""
        times, reports = [[] for _ in pairs], [None for _ in pairs]
        for number in range(TIMES):
            change(number)
            for place, (device, server) in enumerate(pairs):
                seconds, _, reports[place] = self.sync("sync", device, server)
                assert reports[place]["collections"][0]["received"] == received, reports[place]
                times[place].append(seconds * 1000)
        return list(zip(map(statistics.median, times), reports))


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


def bulk(bench, count, label, rival, figures):
    """Import at an office, first pull by a device; beside the limit, and the rate of a rival where there is one."""
    source = f"{label}.ndjson"
    generate(count, source)
    store = f"office-{label}"
    bench.office(store)
    seconds, peak, _ = run(program("syncclient"), "import", "--data", store, COLLECTION, source, "--json")
    figures |= {"importPerSecond": count / seconds, "importPeakMiB": peak}
    row(f"import of {count:,} NDJSON lines", f"{count / seconds:,.0f} records/s, {seconds:.1f} s, peak {peak:.0f} MiB")
    rates = limit(source)
    best = max(rates.values())
    row(f"raw SQLite in C, the same bytes through a pipe ({count:,})", "; ".join(f"{way} {rate:,.0f}/s" for way, rate in rates.items()))
    raw_bytes = os.path.getsize(source)
    if rival is not None:
        row(f"PostgreSQL, first copy by logical replication ({count:,})", f"{rival:,.0f} records/s")
    server = Server(store)
    bench.device(f"device-{label}")
    seconds, peak, report = bench.sync("pull", f"device-{label}", server)
    assert report["collections"][0]["received"] == count and report["collections"][0]["inSync"], report
    rate = count / seconds
    against = f", {rate / rival:.2f} × PostgreSQL" if rival else ""
    row(f"first pull of {count:,} records", f"{rate:,.0f} records/s ({rate / best:.2f} × the best of C{against}), {seconds:.1f} s, "
        f"{report['bytesReceived'] / count:.0f} bytes a record on the wire")
    row(f"peak memory of that pull", f"client {peak:.0f} MiB, server {server.peak_mib():.0f} MiB")
    size = sum(os.path.getsize(f"device-{label}/{name}") for name in os.listdir(f"device-{label}") if name.startswith("store.sqlite"))
    row("size of the device's store", f"{size / raw_bytes:.2f} × the NDJSON")
    figures |= {"limitPerSecond": best, "rivalPerSecond": rival, "pullPerSecond": rate, "clientPeakMiB": peak, "serverPeakMiB": server.peak_mib(),
                "jsonBytes": raw_bytes / count, "storeBytes": size / count, "wireBytes": report["bytesReceived"] / count}
    return source, store, f"device-{label}", server


def sockets(report):
    """Bytes both ways, TLS and its handshake in them."""
    return report["bytesSent"] + report["bytesReceived"]


def frames(report):
    return report["frameBytesSent"] + report["frameBytesReceived"]


def small(bench, source, store, device, server, count, figures):
    record = json.loads(open(source).readline())["id"]

    def change_100(number):
        changed_lines(source, "changed.ndjson", 100, count, by=number + 1)
        run(program("syncclient"), "import", "--data", store, COLLECTION, "changed.ndjson")

    def change_1(number):
        run(program("syncclient"), "put", "--data", store, COLLECTION, record, f"budget={number}")

    for what, name, received, change in (("nothing changed,", "unchanged", 0, lambda number: None), ("100 changed", "changed100", 100, change_100),
                                         ("one field changed", "changed1", 1, change_1)):
        [(milliseconds, report)] = bench.syncs([(device, server)], received, change)
        figures |= {f"{name}Ms": milliseconds, f"{name}WireBytes": sockets(report)}
        rounds = report["roundTrips"]
        row(f"sync, {what} of {count:,}", f"{milliseconds:.0f} ms command start to end, {rounds} round trip{'s' * (rounds > 1)}, "
            f"{frames(report):,} bytes of frames, {sockets(report):,} on the wire")
    times = [run(program("syncclient"), "get", "--data", device, COLLECTION, record, "--json")[0] * 1000 for _ in range(15)]
    figures["getMs"] = statistics.median(times)
    row(f"`syncclient get`, of {count:,}", f"{statistics.median(times):.0f} ms")


def push(bench, store, device, server, count, figures):
    """Records that nobody has yet, from a device into the office's full store."""
    generate(100_000 + count, "more.ndjson")
    with open("more.ndjson") as lines, open("new.ndjson", "w") as new:
        new.writelines(itertools.islice(lines, count, None))
    os.remove("more.ndjson")
    run(program("syncclient"), "import", "--data", device, COLLECTION, "new.ndjson")
    seconds, _, report = bench.sync("push", device, server)
    assert report["collections"][0]["sent"] == 100_000 and report["collections"][0]["inSync"], report
    figures["pushPerSecond"] = 100_000 / seconds
    row(f"push of 100,000 new records to a server of {count:,}", f"{100_000 / seconds:,.0f} records/s")


def measure(bench, size):
    """Everything with a store of so many records: the figures by name."""
    figures = {"records": size}
    # Its servers are nobody's children, and would count as others.
    rival = postgresql(size) if size >= RIVAL_RECORDS_MIN else None
    meanwhile = Meanwhile()
    source, store, device, server = bulk(bench, size, str(size), rival, figures)
    small(bench, source, store, device, server, size, figures)
    push(bench, store, device, server, size, figures)
    figures["othersCores"] = meanwhile.others()
    row(f"others meanwhile ({size:,})", f"{figures['othersCores']:.2f} cores")
    for name in (store, device):
        shutil.rmtree(name)
    os.remove(source)
    return figures


def surroundings():
    """What the figures depend on besides the size."""
    model = re.search(r"^model name\s*:\s*(.+)$", open("/proc/cpuinfo").read(), re.M)
    state = subprocess.run(["git", "-C", ROOT, "describe", "--always", "--dirty"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    return {"cores": os.cpu_count(), "processor": model[1] if model else "unknown", "state": state, "date": time.strftime("%Y-%m-%d")}


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench", description="Measures the real programs beside raw SQLite and PostgreSQL.")
    parser.add_argument("--plots", action="store_true", help="keep the figures in docs/performance, and draw them")
    parser.add_argument("records", type=int, nargs="*", default=[1_000, 10_000, 100_000, 1_000_000], help="how many are in a store, 100 at least")
    options = parser.parse_args()
    report = surroundings()
    with workspace() as bench:
        print("| what | figure |\n|---|---|")
        report["sizes"] = [measure(bench, size) for size in sorted(options.records)]
    if options.plots:
        plots.keep(report)
        plots.draw()


if __name__ == "__main__":
    main()
