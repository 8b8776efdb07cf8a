"""An office under attack: the real server with narrow limits, who attacks it, and what is measured of it."""

import os
import pathlib
import re
import resource
import socket
import sqlite3
import ssl
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Independent"))
from office import Office  # noqa: E402
from officesync import codec, link, merge, messages, session, store, stream  # noqa: E402
from officesync.messages import FAILURES  # noqa: E402
from officesync.session import PULL, PUSH  # noqa: E402
from officesync.values import text  # noqa: E402

NAME, LARGE = "projects", "large"
#: As OpenSSL takes the application protocols, and as a ClientHello has them.
ALPN_LIST = bytes([len(link.ALPN)]) + link.ALPN.encode()
HANDSHAKES, HANDSHAKES_OF_ONE, SESSIONS_OF_ONE = 1_024, 64, 16
ENROLMENT = "officesync-enrol/1"


class Measure:
    """What the server has now: memory in bytes, descriptors, the rows and pages of its store, the bytes of its audit log."""

    def __init__(self, arena):
        process = arena.server.pid
        with open(f"/proc/{process}/statm", encoding="ascii") as statm:
            self.memory = int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        self.descriptors = len(os.listdir(f"/proc/{process}/fd"))
        audit = os.path.join(arena.data, "audit")
        self.audit = sum(file.stat().st_size for file in os.scandir(audit)) if os.path.isdir(audit) else 0
        database = sqlite3.connect(f"file:{arena.data}/store.sqlite?mode=ro", uri=True, timeout=30)
        try:
            def one(query):
                return database.execute(query).fetchone()[0]
            tables = [name for (name,) in database.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table'")]
            self.rows = {name: one(f'SELECT count(*) FROM "{name}"') for name in tables}
            self.pages = one("PRAGMA page_count") - one("PRAGMA freelist_count")
        finally:
            database.close()


class Arena(Office):
    DEVICES = ("amina",)
    #: Limits that a test can reach. The neighbour's session lasts, so that it may be silent for longer.
    SETTINGS = """
handshake-timeout = 2
timeout = 3
device-megabytes = 2
device-replicas = 4
"""

    def __init__(self):
        # This process plays thousands of peers.
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        self.attackers = 0
        super().__init__()
        self.amina = store.Store("field/amina")
        for name in (NAME, LARGE):
            self.sync(self.amina, name, PULL)
        #: The office's own, as it was when it began.
        self.replica = next(iter(self.amina.record(NAME, "hub").clock))

    def _make(self):
        super()._make()
        self.syncserver("pki", "enrolment", "--dir", self.path("ca"), "office/casablanca",
                        "--out", os.path.join(self.data, "enrolment"))
        self.grant("field/*", NAME)
        self.grant("field/*", LARGE, "--read")
        self.put(NAME, "hub", "status=announced")
        for number in range(64):
            self.put(LARGE, f"r{number}", "--from", "-", input='{"body": "%s"}' % (os.urandom(30_000).hex()))

    def end_of_log(self):
        return os.path.getsize(self.path("server.log"))

    def lines_since(self, mark):
        with open(self.path("server.log"), "rb") as log:
            log.seek(mark)
            return log.read().decode("utf-8").split("\n")[:-1]

    def neighbour(self):
        return Neighbour(self)


class Neighbour:
    """An honest session that is there before an attack and goes on after it."""

    #: It says something as often, in seconds, so that the server does not take it for gone.
    WORD_EVERY = 30

    def __init__(self, arena):
        self.link = arena.connect("amina")
        self.session = session.Session(self.link, arena.amina)
        self.session.hello()
        self.session.read_welcome()
        self.link.send(messages.Watch(["quiet"]))
        self.is_served()

    def is_served(self):
        self.session.open(NAME, PULL)
        self.session.run()
        self._word = time.monotonic()

    def is_served_in_time(self):
        if time.monotonic() > self._word + self.WORD_EVERY:
            self.is_served()

    def close(self):
        self.link.close()


class Attacker:
    """A field device with a good certificate and an address of its own, that does as it likes."""

    def __init__(self, arena, name):
        arena.attackers += 1
        self.arena = arena
        self.identity = f"field/{name}"
        self.host = f"127.9.{arena.attackers // 200}.{arena.attackers % 200 + 1}"
        self.device = store.Store(self.identity)
        self.count = 0
        self._contexts = {}

    @property
    def name(self):
        return self.identity.partition("/")[2]

    def credentials(self):
        found = self.arena.credentials(self.name)
        if not os.path.exists(found[0]):
            self.arena._issue(self.identity)
        return found

    def lines(self, mark):
        """What the log says of it."""
        mine = re.compile(rf"={re.escape(self.host)}(:\d+)?(?!\S)|={re.escape(self.identity)}(?!\S)")
        return [line for line in self.arena.lines_since(mark) if mine.search(line)]

    # Connections

    def socket(self):
        made = socket.create_connection(self.arena.address, 30, (self.host, 0))
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return made

    def context(self, alpn=link.ALPN):
        if alpn not in self._contexts:
            certificate, key, authority = self.credentials()
            self._contexts[alpn] = link.context(certificate, key, authority, alpn)
        return self._contexts[alpn]

    def link(self, **options):
        return link.Link(self.arena.address, self.context(), source=self.host, **options)

    def tls(self, context=None, **options):
        """Without what our client checks of the server."""
        context = context or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        for name, value in options.items():
            if name == "alpn":
                context.set_alpn_protocols([value])
            elif name == "certificate":
                context.load_cert_chain(*value)
            else:
                setattr(context, name, value)
        return context.wrap_socket(self.socket())

    def greeted(self, **changes):
        """A session that was let in."""
        made = session.Session(self.link(), self.device)
        try:
            made.hello(**changes)
            made.read_welcome()
        except BaseException:
            made.link.close(abrupt=True)
            raise
        return Closing(made)

    # What it may do, and then does a little differently

    def sync(self):
        with self.link() as made:
            session.sync(made, self.device, [NAME])

    def prepare(self):
        """Has what the office has, and a write that the office has not."""
        self.sync()
        self.device.put(NAME, f"of-{self.name}", {"status": text("x")})
        self.device.collection(NAME).stamp(self.device.replica)

    def own(self, id="hub", counter=1, time=None, author=None, **contents):
        """A record of the office's with a write of this device, as it is sent, and its dot."""
        dot = (self.device.replica, counter)
        write = codec.Write(author or self.identity, time or self.device.highest_time + 1)
        record = merge.written(
            self.device.record(NAME, id), dot, write, contents or {"status": text("x")})
        return stream.difference(record, self.device.replica, 0), dot

    def entry(self, record, id="hub"):
        index = sorted(record.clock).index(self.device.replica)
        return messages.Entry(index, id if isinstance(id, bytes) else id.encode(), codec.encode(record))

    def push(self, *entries, state=None, runs=(), begin=None, done=None):
        """A push of just this; what the server says in the end."""
        with self.greeted() as made:
            channel = made.open(NAME, PUSH)
            answer = made.receive()
            if not isinstance(answer, messages.State):
                return answer
            if state:
                state(made.link, channel)
            else:
                channel._send_state()
            if runs:
                made.link.send(messages.Stamps(1, list(runs)))
            opening = messages.Begin(1, self.device.replica, 0, len(entries))
            made.link.send(opening._replace(**begin or {}))
            stream.send_entries(made.link, 1, entries)
            held = self.device.collection(NAME)
            last = messages.Done(1, {self.device.replica: 1}, held.digest(), held.condition(), len(entries))
            made.link.send(last._replace(**done or {}))
            return made.receive()


class Closing:
    """A session in a `with`."""

    def __init__(self, made):
        self.made = made

    def __enter__(self):
        return self.made

    def __exit__(self, kind, *_):
        self.made.link.close(abrupt=kind is not None)


REASONS = {stream.NOT_OWN: "notOwn", stream.RESERVED: "reserved", stream.CONTRADICTION: "contradiction"}


def outcome(step):
    """In a word or two what came of it."""
    try:
        return _said(step())
    except session.Failed as failed:
        return "fail " + FAILURES[failed.code]
    except session.Forked:
        return "forked"
    except (link.Closed, ssl.SSLZeroReturnError):
        return "closed"
    except ssl.SSLEOFError:
        return "cut"
    except ssl.SSLError as error:
        # Of an alert that Python does not know by name there is OpenSSL's text: "[SSL] tlsv1 alert ... (_ssl.c:1006)".
        words = str(error).partition("] ")[2].partition(" (")[0]
        return "alert " + (error.reason or words.upper().replace(" ", "_"))
    except (link.Cut, ConnectionError):
        return "cut"
    except TimeoutError:
        return "silence"


def _said(answer):
    if isinstance(answer, messages.Refused):
        return "refused " + FAILURES[answer.code]
    if isinstance(answer, messages.Result):
        refused = [REASONS[reason] for _, reason in answer.refusals]
        kinds = refused + ["deferred"] * answer.deferred + ["applied"] * answer.applied
        return " ".join(kinds) or "nothing"
    return answer if isinstance(answer, str) else type(answer).__name__.lower()


def last_words(connection):
    """Reads until the server has closed; "cut" if it did not do so in good order."""
    said = b""
    try:
        while data := connection.recv(65_536):
            said += data
    finally:
        connection.close()
    return said
