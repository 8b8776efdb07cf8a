"""An office for the tests, made with the real programs in a temporary folder, on loopback alone."""

import json
import os
import pathlib
import re
import select
import shutil
import subprocess
import tempfile

from officesync import link, session, store

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAMS = pathlib.Path(os.environ.get("OFFICESYNC_BIN", ROOT / ".build" / "debug")).resolve()
SECONDS = 60  # for any one thing; a program that needs longer has failed


def programs_missing():
    missing = [name for name in ("syncserver", "syncclient") if not (PROGRAMS / name).exists()]
    if missing:
        return f"{', '.join(missing)} not in {PROGRAMS}: build, or set OFFICESYNC_BIN"
    return None


class Office:
    """`office/casablanca`, with certificates for the field devices `DEVICES`."""

    DEVICES = ("amina", "karim", "salma")
    #: What is added to `config.toml`. Each test is a new device with the same certificate, more often than one is copied within a
    #: day.
    SETTINGS = "device-replicas = 1000\n"

    def __init__(self):
        if problem := programs_missing():
            raise RuntimeError(problem)
        self.folder = tempfile.mkdtemp(prefix="officesync-independent-")
        self.server = None
        try:
            self._make()
            self.start()
        except BaseException:
            self.close()
            raise

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def _make(self):
        self.syncserver("pki", "init", "--dir", self.path("ca"), "--organisation", "Test")
        self._issue("office/casablanca", "--host", "127.0.0.1")
        for name in self.DEVICES:
            self._issue(f"field/{name}")
        self.data = self.path("casablanca")
        self.syncserver("init", "--data", self.data, "--name", "casablanca",
                        *self._credentials("casablanca"), "--crl", self.path("ca", "crl.pem"))
        with open(os.path.join(self.data, "config.toml"), "a", encoding="utf-8") as settings:
            settings.write(self.SETTINGS)

    def _issue(self, identity, *options):
        name = identity.partition("/")[2]
        self.syncserver("pki", "issue", "--dir", self.path("ca"), identity, *options,
                        "--out", self.path(name + "-identity"))

    def credentials(self, name):
        """Certificate, key, authority."""
        return (self.path(name + "-identity.pem"), self.path(name + "-identity.key"),
                self.path("ca", "ca.pem"))

    def _credentials(self, name):
        certificate, key, authority = self.credentials(name)
        return ["--cert", certificate, "--key", key, "--ca", authority]

    # The programs

    def _environment(self):
        kept = {k: v for k, v in os.environ.items() if not k.startswith("OFFICESYNC_")}
        return kept | {"HOME": self.folder, "LC_ALL": "C.UTF-8"}

    def run(self, program, *arguments, input=None, code=0):
        """Standard output of a program that ends with `code`."""
        done = subprocess.run(
            [str(PROGRAMS / program), *map(str, arguments)], input=input, capture_output=True,
            encoding="utf-8", timeout=SECONDS, cwd=self.folder, env=self._environment(),
            check=False)
        if done.returncode != code:
            raise AssertionError(
                f"{program} {' '.join(map(str, arguments))[:300]}: exit {done.returncode}, not"
                f" {code}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
        return done.stdout

    def syncserver(self, *arguments, **options):
        return self.run("syncserver", *arguments, **options)

    def client(self, command, *arguments, data=None, **options):
        """`syncclient` on the office's own store, or on another."""
        words = command.split()
        return self.run("syncclient", *words, "--data", data or self.data, *arguments, **options)

    def put(self, collection, id, *pairs, **options):
        return self.client("put", collection, id, *pairs, **options)

    def get(self, collection, id, **options):
        return json.loads(self.client("get", "--json", collection, id, **options))

    def set_schema(self, collection, fields):
        file = self.path(collection + "-schema.json")
        with open(file, "w", encoding="utf-8") as out:
            json.dump({"fields": fields}, out)
        self.client("schema set", collection, file)

    def status(self, collection, program="syncclient", data=None):
        """The collection's part of `status --json`."""
        told = json.loads(self.run(program, "status", "--json", "--data", data or self.data))
        return next(one for one in told["collections"] if one["name"] == collection)

    def grant(self, identity, collection, *flags):
        self.syncserver("access", "grant", "--data", self.data, identity, collection, *flags)

    # The server

    def start(self):
        with open(self.path("server.log"), "ab") as log:
            self.server = subprocess.Popen(
                [str(PROGRAMS / "syncserver"), "run", "--data", self.data,
                 "--listen", "127.0.0.1:0"],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, cwd=self.folder,
                env=self._environment())
        readable, _, _ = select.select([self.server.stdout], [], [], SECONDS)
        line = self.server.stdout.readline().decode() if readable else ""
        match = re.fullmatch(r"listening on 127\.0\.0\.1:(\d+)\n", line)
        if not match:
            raise AssertionError(f"the server said {line!r}\n{self.log()}")
        self.address = ("127.0.0.1", int(match.group(1)))

    def stop(self):
        """Ends the server as an administrator would; its exit code."""
        server, self.server = self.server, None
        server.terminate()
        try:
            return server.wait(timeout=SECONDS)
        finally:
            if server.poll() is None:
                server.kill()
                server.wait()
            server.stdout.close()

    def log(self):
        return pathlib.Path(self.path("server.log")).read_text(encoding="utf-8")[-4000:]

    def close(self):
        try:
            if self.server:
                self.stop()
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    # Devices

    def real_device(self, name):
        """A store of `syncclient`; its folder."""
        data = self.path(name)
        if not os.path.exists(data):
            host, port = self.address
            self.client("init", "--name", name, "--server", f"{host}:{port}",
                        *self._credentials(name), data=data)
        return data

    def device(self, name, path=None):
        """A store of the Python client."""
        return store.Store(f"field/{name}", path)

    def connect(self, name, **options):
        certificate, key, authority = self.credentials(name)
        return link.Link(self.address, link.context(certificate, key, authority, **options))

    def sync(self, device, collection, directions=session.PULL | session.PUSH):
        """One session of the Python client; its channel and link."""
        with self.connect(device.identity.partition("/")[2]) as made:
            (channel,) = session.sync(made, device, [collection], directions).channels.values()
        if channel.refused:
            raise AssertionError(f"refused: {channel.refused}")
        return channel, made
