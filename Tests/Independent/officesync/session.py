"""A client's session (docs/PROTOCOL.md, section 11), for a field device."""

import time

from . import fingerprint, messages, stream
from .primitives import require

PULL, PUSH = 1, 2
SOFTWARE = "independent 1"


class Failed(Exception):
    """The server sent `Fail`."""

    def __init__(self, fail):
        super().__init__(f"{fail.code}: {fail.message}")
        self.code = fail.code


class Forked(Exception):
    """Two stores have written under one replica ID. This client heals nothing: it closes."""


class Restored(Forked):
    """The server knows later writes of this device than the device itself."""


class Damaged(Exception):
    """Equal knowledge, unequal contents."""


class Channel:
    """One collection in a session."""

    def __init__(self, session, number, collection, directions):
        self.link, self.store = session.link, session.store
        self.session, self.number = session, number
        self.held = self.store.collection(collection)
        self.directions = self.asked = directions
        self.receiver = self.theirs = self.result = self.pulled = self.refused = None
        self.same = self.state_sent = False
        self.pending = None  # directions still to be finished; None until the server answered

    @property
    def finished(self):
        return self.pending == 0

    def open(self, eager):
        self.held.stamp(self.store.replica)
        self.store.save()
        self.link.send(messages.Open(
            self.number, self.held.name, self.asked, self.held.digest(),
            self.held.closed_sum(), self.held.condition()))
        if eager:
            self._send_state()

    def _send_state(self):
        closed, strays = self.held.closed(), self.held.strays()
        known = [(origin, self.held.knowledge.get(origin, 0),
                  fingerprint.newest_stamp(self.held.stamps, origin), strays.get(origin))
                 for origin in sorted(self.held.knowledge.keys() | self.held.stamps.keys())
                 if origin not in closed]
        ends = [(origin, self.held.stamps[origin][-1]) for origin in closed]
        leaves_out = self.theirs.leaves_out_closed if self.theirs else 0
        listed = [] if leaves_out else [
            (origin, stamp, self.held.ended[stamp]) for origin, stamp in ends]
        peer = self.session.welcome and self.session.welcome.replica
        progress = self.held.progress.get(peer) if self.directions & PULL else None
        self.state_sent = True
        self.link.send(messages.State(
            self.number, self.directions, known, leaves_out, listed, [], self.held.condition(),
            progress))

    def handle(self, message):
        getattr(self, "_" + type(message).__name__.lower())(message)

    def _same(self, message):
        require(self.pending is None, "Same out of turn")
        self.same, self.pending = True, 0
        self._check_equal(message.condition)

    def _refused(self, message):
        self.refused, self.pending = message, 0

    def _state(self, message):
        require(self.pending is None, "State out of turn")
        require(message.directions & ~self.asked == 0, "directions that were not asked for")
        closed = message.closed
        if message.leaves_out_closed:
            closed = [(origin, self.held.stamps[origin][-1], 0)
                      for origin in self.held.closed()] + closed
        # From here on as if it had been said origin by origin.
        self.theirs = message._replace(knowledge=message.knowledge + [
            (origin, stamp[0], stamp, None) for origin, stamp, _ in closed])
        self.directions = self.pending = message.directions
        self._hear(message)
        self._settle()
        self.receiver = stream.Receiver(
            self.store, self.held, self.session.welcome.replica, self.theirs)
        if not self.state_sent:
            self._send_state()
        if self.directions & PUSH:
            stream.send(self.link, self.number, self.held, self.store.replica, self.theirs)

    def _hear(self, message):
        """Keeps where IDs ended; this device's own must not go on beyond."""
        own = self.held.stamps.get(self.store.replica, [])
        for origin, stamp, retired in message.closed + message.ended:
            if stamp in own or (not stamp and origin == self.store.replica):
                raise Forked(f"{self.held.name}: this device's replica ID ended")
            if stamp:
                self.held.ended[stamp] = self.held.ended.get(stamp, 0) | retired

    def _settle(self):
        theirs = {origin: stamp for origin, _, stamp, _ in self.theirs.knowledge if stamp}
        own = fingerprint.newest_stamp(self.held.stamps, self.store.replica) or (0, b"")
        if theirs.get(self.store.replica, own)[0] > own[0]:
            raise Restored(self.held.name)
        for origin, stamps in self.held.stamps.items():
            stamp = theirs.get(origin)
            if stamp and stamp[0] <= stamps[-1][0] and stamp not in stamps:
                raise Forked(f"{self.held.name}: {origin.hex()}")

    def _fork(self, message):
        raise Forked(f"{self.held.name}: {[origin.hex() for origin, _ in message.lists]}")

    def _again(self, message):
        raise Forked(f"{self.held.name}: begin again ({messages.REASONS[message.reason]})")

    def _incoming(self):
        require(self.pending and self.pending & PULL, "a stream that is not due")
        return self.receiver

    def _stamps(self, message):
        self._incoming().stamps(message)

    def _begin(self, message):
        self._incoming().begin(message)

    def _records(self, message):
        self._incoming().records(message)

    def _part(self, message):
        self._incoming().part(message)

    def _done(self, message):
        self.pulled = self._incoming().done(message)
        self.link.send(self.pulled)
        self.pending &= ~PULL
        if self.pulled.digest == message.digest:
            self._check_equal(message.condition)

    def _result(self, message):
        require(self.pending and self.pending & PUSH, "Result out of turn")
        self.result = message
        self.pending &= ~PUSH
        self.held.refused |= {id.decode() for id, _ in message.refusals}
        self.store.save()
        if message.digest == self.held.digest():
            self._check_equal(message.condition)

    def _check_equal(self, theirs):
        mine = self.held.condition()
        if not (mine.uncovered or theirs.uncovered) and mine.fingerprint != theirs.fingerprint:
            raise Damaged(self.held.name)


class Session:
    def __init__(self, link, store):
        self.link, self.store = link, store
        self.welcome = None
        self.channels = {}

    def hello(self, **changes):
        hello = messages.Hello(
            1, 1, SOFTWARE, self.store.replica, self.store.identity.partition("/")[2],
            time.time_ns() // 1_000_000, [], [])
        self.link.send(hello._replace(**changes))

    def open(self, collection, directions, eager=False):
        number = len(self.channels) + 1
        channel = self.channels[number] = Channel(self, number, collection, directions)
        channel.open(eager)
        return channel

    def receive(self):
        """The next message that says something; `Fail` is raised."""
        while isinstance(message := self.link.receive(), messages.Alive):
            pass
        if isinstance(message, messages.Fail):
            raise Failed(message)
        return message

    def read_welcome(self):
        welcome = self.receive()
        require(isinstance(welcome, messages.Welcome), f"{type(welcome).__name__} before Welcome")
        require(welcome.version == 1, "a version that was not offered")
        self.welcome = welcome
        self.link.peer_limit = welcome.frame_bytes_max
        return welcome

    def run(self):
        """Handles messages until every channel is finished."""
        while not all(channel.finished for channel in self.channels.values()):
            message = self.receive()
            channel = self.channels.get(getattr(message, "channel", None))
            require(channel is not None, f"{type(message).__name__} on no channel of ours")
            if not channel.finished:
                channel.handle(message)


def sync(link, store, collections, directions=PULL | PUSH):
    """One whole session in which everything that may go into the first flight does."""
    session = Session(link, store)
    session.hello()
    for name in collections:
        held = store.collection(name)
        session.open(name, directions, eager=not held.knowledge and not held.progress)
    session.read_welcome()
    session.run()
    link.flush()
    return session
