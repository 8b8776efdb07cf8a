"""What a peer must not do, and that the server refuses just that and goes on serving."""

import contextlib
import copy
import secrets
import shutil
import ssl
import time
import unittest
from unittest import mock

from office import Office
from officesync import codec, link, merge, messages, primitives, session, stream
from officesync.session import PULL, PUSH
from officesync.values import integer, text

PROTOCOL_VIOLATION, VERSION, NOT_ALLOWED, REPLICA_OWNED, CLOCK_AHEAD = 1, 2, 3, 4, 5
NAME = "projects"


class Hostile(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.office = Office()
        cls.addClassCleanup(cls.office.close)
        cls.office.grant("field/*", NAME)

    def setUp(self):
        self.hub = self.id().rpartition(".")[2]
        self.office.put(NAME, self.hub, "status=announced")
        self.device = self.office.device("amina")
        self.office.sync(self.device, NAME)
        self.addCleanup(self.assert_serving)

    def assert_serving(self):
        """Another device still syncs."""
        device = self.office.device("karim")
        self.office.sync(device, NAME)
        self.assertEqual(self.office.status(NAME)["fingerprint"],
                         device.collection(NAME).fingerprint().hex())

    # Streams that a device should not send

    def entry(self, record, id=None):
        index = sorted(record.clock).index(self.device.replica)
        return messages.Entry(index, (id or self.hub).encode(), codec.encode(record))

    def push(self, *entries, done=True, **begin):
        """Sends entries as a push stream; what the server says then."""
        with self.office.connect("amina") as made:
            client = session.Session(made, self.device)
            client.hello()
            channel = client.open(NAME, PUSH)
            client.read_welcome()
            state = client.receive()
            self.assertIsInstance(state, messages.State)
            channel._send_state()
            opening = messages.Begin(1, secrets.token_bytes(16), 0, len(entries))
            made.send(opening._replace(**begin))
            stream.send_entries(made, 1, entries)
            if done:
                held = self.device.collection(NAME)
                own = {self.device.replica: 1}
                made.send(messages.Done(1, own, held.digest(), held.condition(), len(entries)))
            return client.receive()

    def own_record(self, id=None, **contents):
        """The held record with a write of this device, and its dot; not kept in the store."""
        id = id or self.hub
        dot = (self.device.replica, 1)
        write = codec.Write("field/amina", self.device.highest_time + 1)
        contents = {path: text(value) for path, value in (contents or {"status": "x"}).items()}
        return merge.written(self.device.record(NAME, id), dot, write, contents), dot

    def make_writing(self):
        """So that the server has something to expect, and answers State rather than Same."""
        self.device.put(NAME, "elsewhere", {"x": integer(1)})

    def assert_refused(self, record, reason, id=None):
        id = id or self.hub
        self.make_writing()
        before = self.office.get(NAME, self.hub)
        result = self.push(self.entry(record, id))
        self.assertIsInstance(result, messages.Result)
        self.assertEqual((result.applied, result.refused), (0, 1))
        self.assertEqual(result.refusals, [(id.encode(), reason)])
        self.assertEqual(self.office.get(NAME, self.hub), before)

    def only_own(self, record):
        return stream.difference(record, self.device.replica, 0)

    def test_an_honest_push_by_the_same_means(self):
        record, _ = self.own_record()
        self.make_writing()
        result = self.push(self.entry(self.only_own(record)))
        self.assertEqual((result.applied, result.refused, result.deferred), (1, 0, 0))

    def test_anothers_name_as_author(self):
        record, dot = self.own_record()
        record.writes[dot] = record.writes[dot]._replace(author="field/karim")
        self.assert_refused(self.only_own(record), stream.NOT_OWN)

    def test_an_offices_name_as_author(self):
        record, dot = self.own_record()
        record.writes[dot] = record.writes[dot]._replace(author="office/casablanca")
        self.assert_refused(self.only_own(record), stream.NOT_OWN)

    def test_anothers_dot(self):
        record, _ = self.own_record()
        office = bytes.fromhex(self.office_replica())
        forged = (office, record.clock[office])
        record.fields["jobs"] = {forged: integer(1)}
        record.writes[forged] = codec.Write("field/amina", 1)
        self.assert_refused(record, stream.NOT_OWN)

    def office_replica(self):
        with self.office.connect("amina") as made:
            client = session.Session(made, self.device)
            client.hello()
            return client.read_welcome().replica.hex()

    def test_anothers_value_passed_on(self):
        """Even unchanged: a device does not vouch for others."""
        record, _ = self.own_record(note="x")
        self.assert_refused(record, stream.NOT_OWN)

    def test_a_reserved_record(self):
        record, _ = self.own_record(id="$schema")
        self.assert_refused(record, stream.RESERVED, id="$schema")

    def test_a_purge(self):
        record, _ = self.own_record()
        record = self.only_own(record)
        record.erased = {replica: counter for replica, counter in record.clock.items()
                         if replica != self.device.replica}
        record.fields = {path: {dot: c for dot, c in siblings.items() if c != codec.WITHHELD}
                         for path, siblings in record.fields.items()}
        record.prune()
        self.assert_refused(record, stream.RESERVED)

    def test_contradiction(self):
        record, dot = self.own_record(status="x")
        self.make_writing()
        self.assertEqual(self.push(self.entry(self.only_own(record))).applied, 1)
        record.fields["status"] = {dot: text("y")}
        result = self.push(self.entry(self.only_own(record)))
        self.assertEqual(result.refusals, [(self.hub.encode(), stream.CONTRADICTION)])

    def test_a_clock_that_claims_what_the_server_never_saw(self):
        record, _ = self.own_record()
        record = self.only_own(record)
        record.clock[secrets.token_bytes(16)] = 7
        self.make_writing()
        result = self.push(self.entry(record))
        self.assertEqual((result.applied, result.refused, result.deferred), (0, 0, 1))
        self.assertNotIn(self.device.replica.hex(), self.office.status(NAME)["knowledge"])

    # Bytes that are no record, and streams out of order

    def assert_violation(self, *entries, **options):
        self.make_writing()
        with self.assertRaises(session.Failed) as failed:
            self.push(*entries, **options)
        self.assertEqual(failed.exception.code, PROTOCOL_VIOLATION, failed.exception)

    def own_entry(self):
        return self.entry(self.only_own(self.own_record(jobs="x", title="y")[0]))

    def test_trailing_bytes(self):
        entry = self.own_entry()
        self.assert_violation(entry._replace(record=entry.record + b"\0"))

    def test_unsorted_paths(self):
        entry = self.own_entry()
        jobs, title = (primitives.text(path) + b"\1" for path in ("jobs", "title"))
        swapped = entry.record
        first, second = swapped.index(jobs), swapped.index(title)
        length = second - first
        end = second + length + 1  # `title` is one byte longer than `jobs`
        swapped = (swapped[:first] + swapped[second:end] + swapped[first:second] + swapped[end:])
        self.assertEqual(len(swapped), len(entry.record))
        self.assert_violation(entry._replace(record=swapped))

    def test_over_long_varint_in_a_record(self):
        entry = self.own_entry()
        self.assertEqual(entry.record[0], 1)
        self.assert_violation(entry._replace(record=b"\x81\x00" + entry.record[1:]))

    def test_a_path_that_is_not_in_nfc(self):
        entry = self.own_entry()
        self.assertIn(b"\x05title", entry.record)
        bad = entry.record.replace(b"\x05title", b"\x05te\xcc\x81x")
        self.assert_violation(entry._replace(record=bad))

    def test_a_clock_index_that_is_none(self):
        self.assert_violation(self.own_entry()._replace(clock_index=99))

    def test_records_out_of_order(self):
        first, _ = self.own_record()
        second = copy.deepcopy(first)
        second.clock[self.device.replica] = 2
        self.assert_violation(self.entry(self.only_own(second), id="later"),
                              self.entry(self.only_own(first)))

    def test_resuming_what_was_not_shown(self):
        self.assert_violation(self.own_entry(), resumed=1)

    def test_fewer_records_than_done_says(self):
        self.make_writing()
        with self.office.connect("amina") as made:
            client = session.Session(made, self.device)
            client.hello()
            channel = client.open(NAME, PUSH)
            client.read_welcome()
            client.receive()
            channel._send_state()
            held = self.device.collection(NAME)
            made.send(messages.Begin(1, secrets.token_bytes(16), 0, 1))
            made.send(messages.Done(1, {}, held.digest(), held.condition(), 1))
            with self.assertRaises(session.Failed) as failed:
                client.receive()
        self.assertEqual(failed.exception.code, PROTOCOL_VIOLATION)

    # Messages that are out of turn or not to be decoded

    @contextlib.contextmanager
    def greeted(self, *frames):
        """A session that has sent frames behind a greeting."""
        with self.office.connect("amina") as made:
            client = session.Session(made, self.device)
            client.hello()
            client.read_welcome()
            for data in frames:
                made.send_raw(data)
            yield client

    def after_welcome(self, *frames):
        """What the server says first to frames behind a greeting."""
        with self.greeted(*frames) as client:
            return client.receive()

    def open_frame(self, **changes):
        held = self.device.collection(NAME)
        opening = messages.Open(1, NAME, PULL, bytes(32), None, held.condition())
        return messages.encode(opening._replace(**changes))

    def assert_frames_fail(self, *frames):
        with self.assertRaises(session.Failed) as failed:
            self.after_welcome(*frames)
        self.assertEqual(failed.exception.code, PROTOCOL_VIOLATION, failed.exception)

    def test_messages_that_are_refused(self):
        opened = self.open_frame()
        body = opened[5:]
        held = self.device.collection(NAME)
        done = messages.Done(1, {}, bytes(32), held.condition(), 0)
        begin = messages.encode(messages.Begin(1, bytes(16), 0, 0))
        for title, frames in {
            "over-long varint": [messages.frame(3, b"\x81\x00" + body[1:])],
            "cut short": [messages.frame(3, body[:-1])],
            "unknown flag": [messages.frame(3, body[:-1] + b"\x02")],
            "extension that must be understood": [messages.frame(3, body + b"\x01\x00")],
            "extensions not rising": [messages.frame(3, body + b"\x04\x00\x02\x00")],
            "half an extension": [messages.frame(3, body + b"\x02\x05")],
            "unknown type": [messages.frame(0x7F, b"")],
            "length 0": [bytes(4)],
            "frame over the limit": [(1_048_577).to_bytes(4, "big")],
            "no directions": [messages.frame(3, body.replace(b"projects\1", b"projects\0"))],
            "bad collection name": [self.open_frame(collection="Projects")],
            "channel 0": [messages.frame(3, b"\0" + body[1:])],
            "channel twice": [opened, opened],
            "State on no channel": [messages.encode(messages.State(
                7, PULL, [], 0, [], [], held.condition(), None))],
            "Begin before State": [self.open_frame(directions=PUSH), begin],
            "Done before Begin": [messages.encode(done)],
            "Hello twice": [messages.encode(messages.Hello(
                1, 1, "x", self.device.replica, "amina", 0, [], []))],
            "a server's message": [messages.encode(messages.Same(1, held.condition()))],
            "count that cannot fit": [messages.frame(6, b"\x01" + primitives.varint(2**40))],
        }.items():
            with self.subTest(title):
                if len(frames) == 2 and frames[0][4] == 3:
                    with self.assertRaises(session.Failed) as failed:
                        self.after_open(*frames)
                    self.assertEqual(failed.exception.code, PROTOCOL_VIOLATION)
                else:
                    self.assert_frames_fail(*frames)

    def after_open(self, *frames):
        """Reads whatever the server says to frames behind a greeting, until it fails."""
        with self.greeted(*frames) as client:
            while True:
                client.receive()

    def test_messages_that_are_skipped(self):
        for title, frames in {
            "even extension": [messages.frame(3, self.open_frame()[5:] + b"\x02\x03abc")],
            "unknown type from 0x80": [messages.frame(0x80, b"abc"), self.open_frame()],
            "type 255, empty": [messages.frame(255, b""), self.open_frame()],
        }.items():
            with self.subTest(title):
                self.assertIsInstance(self.after_welcome(*frames), messages.State)

    # Before Welcome

    def greet(self, **changes):
        with self.office.connect("amina") as made:
            client = session.Session(made, self.device)
            client.hello(**changes)
            return client.read_welcome()

    def assert_hello_fails(self, code, **changes):
        with self.assertRaises(session.Failed) as failed:
            self.greet(**changes)
        self.assertEqual(failed.exception.code, code, failed.exception)

    def test_versions(self):
        self.assertEqual(self.greet(version_max=9).version, 1)
        self.assert_hello_fails(VERSION, version_min=2, version_max=3)
        self.assert_hello_fails(PROTOCOL_VIOLATION, version_min=2, version_max=1)

    def test_replicas_of_others(self):
        other = self.office.device("karim")
        self.office.sync(other, NAME)
        self.assert_hello_fails(REPLICA_OWNED, replica=other.replica)
        self.assert_hello_fails(REPLICA_OWNED, replica=bytes.fromhex(self.office_replica()))

    def test_couriers_are_offices(self):
        self.assert_hello_fails(NOT_ALLOWED, replica=bytes(16))
        with self.assertRaises(session.Failed) as failed:
            relay = messages.Relay(bytes([1] * 16), "x", "office/rabat")
            self.after_open(messages.encode(relay))
        self.assertEqual(failed.exception.code, PROTOCOL_VIOLATION)

    def test_clock_ahead(self):
        now = self.greet().wall_milliseconds
        self.make_writing()
        for wall, pushed in [(now + 400_000, False), (now + 200_000, True), (0, True)]:
            answer = self.answer_to_open(PUSH, wall)
            if pushed:
                self.assertEqual(answer.directions, PUSH)
            else:
                self.assertIsInstance(answer, messages.Refused)
                self.assertEqual(answer.code, CLOCK_AHEAD)
            both = self.answer_to_open(PULL | PUSH, wall).directions
            self.assertEqual(both, PULL | PUSH if pushed else PULL)

    def answer_to_open(self, directions, wall):
        with self.office.connect("amina") as made:
            client = session.Session(made, self.device)
            client.hello(wall_milliseconds=wall)
            client.open(NAME, directions)
            client.read_welcome()
            return client.receive()

    def test_large_frame_before_welcome(self):
        with self.office.connect("amina") as made:
            made.tls.write((4_097).to_bytes(4, "big"))
            with self.assertRaises((session.Failed, link.Closed, link.Cut)):
                session.Session(made, self.device).receive()

    def test_something_else_than_hello(self):
        with self.office.connect("amina") as made:
            made.send_raw(self.open_frame())
            with self.assertRaises((session.Failed, link.Closed, link.Cut)):
                session.Session(made, self.device).receive()

    # What no grant allows

    def test_no_grant(self):
        self.office.put("secret", "a", "x=1")
        device = self.office.device("amina")
        for name in ("secret", "there-is-none", "$office"):
            with self.office.connect("amina") as made:
                ran = session.sync(made, device, [name, NAME], PULL)
            secret, allowed = ran.channels.values()
            self.assertEqual(secret.refused.code, NOT_ALLOWED)
            self.assertIsNone(allowed.refused)
            self.assertEqual([name for name, _ in ran.welcome.collections], [NAME])

    def test_reading_alone(self):
        self.office.put("read-alone", "a", "x=1")
        self.office.grant("field/amina", "read-alone", "--read")
        device = self.office.device("amina")
        device.put("read-alone", "b", {"x": integer(1)})
        channel, _ = self.office.sync(device, "read-alone")
        self.assertEqual(channel.directions, PULL)
        self.assertEqual(set(device.collection("read-alone").records), {"a", "b"})
        with self.office.connect("amina") as made:
            (channel,) = session.sync(made, device, ["read-alone"], PUSH).channels.values()
        self.assertEqual(channel.refused.code, NOT_ALLOWED)

    # Copies of a store

    def test_a_store_that_was_put_back(self):
        path = self.office.path("salma.json")
        device = self.office.device("salma", path)
        device.put(NAME, "salma", {"x": integer(1)})
        self.office.sync(device, NAME)
        shutil.copy(path, path + ".old")
        device.put(NAME, "salma", {"x": integer(2)})
        self.office.sync(device, NAME)
        old = self.office.device("salma", path + ".old")
        with self.assertRaises(session.Restored):
            self.office.sync(old, NAME)

    def test_two_stores_under_one_replica(self):
        path = self.office.path("fork.json")
        device = self.office.device("salma", path)
        device.put(NAME, "fork", {"x": integer(1)})
        self.office.sync(device, NAME)
        shutil.copy(path, path + ".copy")
        copied = self.office.device("salma", path + ".copy")
        device.put(NAME, "fork", {"x": integer(2)})
        self.office.sync(device, NAME)
        copied.put(NAME, "fork", {"x": integer(3)})
        with mock.patch.object(session.Channel, "_settle"):  # so that it is the server that looks
            with self.office.connect("salma") as made, self.assertRaises(session.Forked) as told:
                session.sync(made, copied, [NAME], PUSH)
        self.assertNotIsInstance(told.exception, session.Restored)
        for number in (4, 5):
            with self.assertRaises(session.Forked):
                self.office.sync(copied, NAME)
            copied.put(NAME, "fork", {"x": integer(number)})

    # The handshake

    def test_handshakes_that_are_refused(self):
        office = self.office
        certificate, key, authority = office.credentials("amina")
        with self.assertRaises((ssl.SSLError, link.Cut, ConnectionError)):
            office.connect("amina", alpn=None)
        with self.assertRaises((ssl.SSLError, link.Cut, ConnectionError)):
            office.connect("amina", alpn="http/1.1")
        old = link.context(certificate, key, authority)
        old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_2
        with self.assertRaises((ssl.SSLError, link.Cut, ConnectionError)):
            link.Link(office.address, old)
        nobody = link.Link(office.address, link.context(None, None, authority))
        with nobody, self.assertRaises((ssl.SSLError, link.Cut)):
            session.Session(nobody, self.device).receive()

    def test_a_stranger(self):
        office = self.office
        office.syncserver("pki", "init", "--dir", office.path("other"), "--organisation", "Other")
        prefix = office.path("stranger")
        office.syncserver("pki", "issue", "--dir", office.path("other"), "field/amina",
                          "--out", prefix)
        made = link.context(prefix + ".pem", prefix + ".key", office.credentials("amina")[2])
        with link.Link(office.address, made) as stranger:
            with self.assertRaises((ssl.SSLError, link.Cut)):
                session.Session(stranger, self.device).receive()


class EndOfTime(unittest.TestCase):
    def test_the_office_keeps_its_time(self):
        """A write from the end of time waits on its device; neither that one's others nor the office's follow it."""
        office = Office()
        self.addCleanup(office.close)
        office.grant("field/*", NAME)
        device = office.device("amina")
        device.highest_time = 2**64 - 3
        device.put(NAME, "hub", {"status": text("late")})
        device.highest_time = 0
        device.put(NAME, "due", {"status": text("due")})
        self.assertEqual(office.sync(device, NAME)[0].result.deferred, 1)
        office.client("get", NAME, "hub", code=1)
        self.assertEqual(office.get(NAME, "due")["fields"]["status"], "due")
        before = time.time_ns() // 1_000_000
        office.put(NAME, "hub", "status=n0")
        office.put(NAME, "due", "status=n1")
        self.assertEqual(office.sync(device, NAME)[0].result.deferred, 1)
        after = time.time_ns() // 1_000_000
        for id in ["hub", "due"]:
            times = [write.time >> 16 for dot, write in device.record(NAME, id).writes.items()
                     if dot[0] != device.replica]
            self.assertEqual(len(times), 1)
            self.assertTrue(before <= times[0] <= after, times)

        # Written again the field bears a time that is due.
        device.put(NAME, "hub", {"status": text("due")})
        self.assertEqual(office.sync(device, NAME)[0].result.deferred, 0)
        self.assertEqual(office.get(NAME, "hub")["fields"]["status"], "due")


if __name__ == "__main__":
    unittest.main()
