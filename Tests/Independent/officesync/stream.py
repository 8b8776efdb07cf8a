"""The two ends of a stream of records, as a field device has them (docs/PROTOCOL.md, 11 and 12)."""

import secrets

from . import codec, messages
from .codec import WITHHELD, covers
from .merge import Contradiction, join
from .primitives import Reader, require, utf8
from .schema import open_conflicts

GOAL = 65_536
NOT_OWN, RESERVED, CONTRADICTION = 1, 2, 3


def difference(record, own, known):
    """What a device sends of a record to an office that has its writes up to `known`."""
    fields, writes = {}, {}
    for path, siblings in record.fields.items():
        if not any(replica == own and counter > known for replica, counter in siblings):
            continue
        fields[path] = {dot: content if dot[0] == own else WITHHELD
                        for dot, content in siblings.items()}
        writes |= {dot: record.writes[dot] if dot[0] == own else None for dot in siblings}
    return codec.Record(fields, writes, record.clock, record.erased)


def entries_to_send(held, own, known):
    """The entries of a push, and the counter up to which `Done` may vouch for the own writes."""
    counter = held.knowledge.get(own, 0)
    entries = []
    for id, record in held.records.items():
        if record.clock.get(own, 0) <= known or id.startswith("$"):
            continue
        if id in held.refused:
            lowest = min([c for r, c in record.dots() if r == own and c > known],
                         default=record.clock[own])
            counter = min(counter, lowest - 1)
            continue
        index = sorted(record.clock).index(own)
        sent = codec.encode(difference(record, own, known))
        entries.append((record.clock[own], messages.Entry(index, id.encode(), sent)))
    return [entry for _, entry in sorted(entries)], counter


def send(link, channel, held, own, theirs):
    """The whole stream; `theirs` is the office's State."""
    known = {origin: counter for origin, counter, *_ in theirs.knowledge}.get(own, 0)
    newest = {origin: stamp for origin, _, stamp, _ in theirs.knowledge}.get(own)
    after = newest
    stamps = [stamp for stamp in held.stamps.get(own, []) if not newest or stamp[0] > newest[0]]
    for start in range(0, len(stamps), messages.STAMPS_PER_RUN_MAX):
        run = stamps[start : start + messages.STAMPS_PER_RUN_MAX]
        link.send(messages.Stamps(channel, [(own, after, run)]))
        after = run[-1]
    entries, counter = entries_to_send(held, own, known)
    link.send(messages.Begin(channel, secrets.token_bytes(16), 0, len(entries)))
    send_entries(link, channel, entries)
    vouched = {own: counter} if counter else {}
    link.send(messages.Done(channel, vouched, held.digest(), held.condition(), len(entries)))


def send_entries(link, channel, entries):
    batch, size = [], 0
    for entry in entries:
        encoded = messages.write_entry(entry)
        whole = len(encoded) + 16 <= link.peer_limit
        if batch and (size + len(encoded) > GOAL or not whole):
            link.send(messages.Records(channel, batch))
            batch, size = [], 0
        if whole:
            batch.append(entry)
            size += len(encoded)
            continue
        step = link.peer_limit - 32
        for start in range(0, len(encoded), step):
            piece = encoded[start : start + step]
            link.send(messages.Part(channel, len(encoded) - start - len(piece), piece))
    if batch:
        link.send(messages.Records(channel, batch))


class Receiver:
    """Takes in what an office sends."""

    def __init__(self, store, held, peer, theirs):
        self.store, self.held, self.peer = store, held, peer
        self.snapshot = {origin: counter for origin, counter, *_ in theirs.knowledge}
        self.shown = held.progress.get(peer)
        self.begun = self.resumed = self.counting = False
        self.place, self.leader = None, None
        self.partial, self.remaining = b"", 0
        self.received = self.applied = self.new_conflicts = 0
        self.refusals = []

    def stamps(self, message):
        require(not self.begun, "Stamps behind Begin")
        for origin, after, stamps in message.runs:
            mine = self.held.stamps.get(origin, [])
            require(after is None or after in mine, "stamps that do not continue the list")
            self.held.add_stamps(origin, stamps)
        self.store.save()

    def begin(self, message):
        require(not self.begun, "a second Begin")
        self.begun = self.counting = True
        self.resumed = message.resumed == 1
        require(self.shown is not None or not self.resumed, "resumes what was not shown")
        vector = self.shown[1] if self.resumed else {}
        self.held.progress[self.peer] = (message.token, dict(vector))
        self.store.save()

    def records(self, message):
        require(self.begun and not self.partial, "Records out of turn")
        for entry in message.entries:
            self._take(entry)
        self.store.save()

    def part(self, message):
        require(self.begun, "Part before Begin")
        require(not self.partial or message.remaining == self.remaining - len(message.piece),
                "pieces do not fit")
        self.partial += message.piece
        self.remaining = message.remaining
        if not self.remaining:
            reader = Reader(self.partial)
            entry = messages.read_entry(reader)
            reader.end()
            self.partial = b""
            self._take(entry)
            self.store.save()

    def _take(self, entry):
        id = utf8(entry.id)
        came = codec.decode(entry.record)
        require(entry.clock_index < len(came.clock), "clockIndex out of range")
        place = sorted(came.clock.items())[entry.clock_index]
        # The schema may go ahead of all others.
        if entry.id == b"$schema" and not self.received:
            self.leader = place
        else:
            require(self.place is None or place >= self.place, "records out of order")
            self._pass(place)
        self.received += 1
        if None in came.writes.values():
            return self._refuse(entry.id, NOT_OWN)
        before = self._conflicts(id)
        try:
            self.applied += self.store.take(self.held.name, id, came)
        except Contradiction:
            return self._refuse(entry.id, CONTRADICTION)
        self.new_conflicts += len(self._conflicts(id) - before)

    def _conflicts(self, id):
        schema = self.store.record(self.held.name, "$schema")
        return open_conflicts(schema, self.store.record(self.held.name, id))

    def _pass(self, place):
        passed, self.place = self.place, place
        if passed and passed != place:
            self._note(passed)
        if self.leader and self.leader < place:
            self._note(self.leader)
            self.leader = None

    def _note(self, place):
        if self.counting and covers(self.snapshot, place):
            vector = self.held.progress[self.peer][1]
            vector[place[0]] = max(vector.get(place[0], 0), place[1])

    def _refuse(self, id, reason):
        self.counting = False
        self.refusals.append((id, reason))

    def done(self, message):
        require(self.begun and not self.partial, "Done out of turn")
        require(message.records_sent == self.received, "another number of records than was sent")
        if not self.refusals:
            self.held.knowledge = join(self.held.knowledge, message.knowledge)
        self.held.progress.pop(self.peer, None)
        self.store.save()
        return messages.Result(
            message.channel, self.applied, 0, self.new_conflicts, len(self.refusals),
            self.refusals[:1_000], self.held.digest(), self.held.condition())
