"""The codec against what docs/PROTOCOL.md shows in hexadecimal. Needs no built program."""

import pathlib
import re
import shutil
import subprocess
import unittest
from unittest import mock

from officesync import codec, fingerprint, messages, names, primitives, session, store, values
from officesync.primitives import Malformed, Reader

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCUMENT = (ROOT / "docs" / "PROTOCOL.md").read_text(encoding="utf-8")
COLLECTION = "casablanca-settat"


def hex_blocks():
    """(first line's comment, bytes) of each block."""
    for block in re.findall(r"^```hex\n(.*?)^```", DOCUMENT, re.S | re.M):
        lines = block.splitlines()
        data = bytes.fromhex("".join(line.partition("#")[0] for line in lines))
        yield (lines[0][2:] if lines[0].startswith("# ") else None), data


def example_record():
    return next(data for title, data in hex_blocks() if title is None)


class Primitives(unittest.TestCase):
    def test_examples(self):
        for number, shown in [(0, "00"), (127, "7f"), (128, "80 01"), (300, "ac 02"),
                              (2**53 - 1, "ff ff ff ff ff ff ff 0f"),
                              (2**64 - 1, "ff ff ff ff ff ff ff ff ff 01")]:
            self.assertIn(f"`{shown}`", DOCUMENT)
            self.assertEqual(primitives.varint(number), bytes.fromhex(shown))
            self.assertEqual(Reader(bytes.fromhex(shown)).varint(), number)
        for number, shown in [(500, "e8 07"), (-1, "01"), (-(2**63), "ff" * 9 + "01")]:
            self.assertEqual(primitives.zigzag(number), bytes.fromhex(shown))
            self.assertEqual(Reader(bytes.fromhex(shown)).zigzag(), number)

    def test_refused_varints(self):
        for shown in ["80 00", "ac 82 00", "ff" * 9 + "02", "ff" * 10, "80", ""]:
            with self.assertRaises(Malformed):
                Reader(bytes.fromhex(shown)).varint()

    def test_counts_are_checked_before_anything_is_made(self):
        with self.assertRaises(Malformed):
            Reader(primitives.varint(2**40)).vector()

    def test_text_is_strict(self):
        for data in ["c0 80", "ed a0 80", "f4 90 80 80", "ff"]:
            encoded = primitives.lengthed(bytes.fromhex(data))
            with self.assertRaises(Malformed):
                Reader(encoded).text()


class Values(unittest.TestCase):
    EXAMPLES = [
        (values.integer(500), "03 e8 07"),
        (values.decimal("1500.00"), "04 07 31 35 30 30 2e 30 30"),
        (values.date(2026, 3, 31), "07 fe c0 02"),
        (values.texts("é"), "0a 01 06 02 c3 a9"),
        (values.Value("object", {}), "0b 00"),
        (values.text("Onepoint"), "06 08 4f 6e 65 70 6f 69 6e 74"),
    ]

    def test_examples(self):
        for value, shown in self.EXAMPLES:
            self.assertIn(f"`{shown}`", DOCUMENT)
            self.assertEqual(values.encode(value), bytes.fromhex(shown))
            self.assertEqual(values.decode(bytes.fromhex(shown)), value)

    def test_set_element(self):
        path = names.set_element_path("partners", values.encode(values.text("Onepoint")))
        self.assertIn(f"`{path}`", DOCUMENT)

    def test_refused(self):
        for shown in ["0c", "05 7f f0 00 00 00 00 00 00", "04 02 30 31", "04 02 31 2e",
                      "04 07 31 65 31 30 30 30 30", "0a 01 0f", "0b 02 01 62 00 01 61 00",
                      "0b 02 01 61 00 01 61 00", "0a 01" * 33 + "00", "00 00"]:
            with self.assertRaises(Malformed, msg=shown):
                values.decode(bytes.fromhex(shown))
        self.assertEqual(values.decode(bytes.fromhex("0a 01" * 32 + "00")).kind, "list")


class Names(unittest.TestCase):
    def test_paths(self):
        for good in ["title", "milestones/m1/due", "$deleted", "a%2Fb", "été", "العنوان"]:
            names.require_path(good)
        for bad in ["", "/", "a//b", "a/", "a=b", "a%2f", "a%20", "$x", "a/$b", "$deleted/x",
                    "e\u0301", "a\n", "a" * 129, "/".join("a" * 33)]:
            with self.assertRaises(Malformed, msg=bad):
                names.require_path(bad)


class Records(unittest.TestCase):
    def test_example(self):
        record = codec.decode(example_record())
        self.assertEqual(codec.encode(record), example_record())
        self.assertEqual(record.clock, {b"\xc0" * 16: 1})
        (write,) = record.writes.values()
        self.assertEqual(write.author, "office/casablanca")
        self.assertEqual(write.time >> 16, 1_795_512_600_000)  # 2026-11-24T09:30:00.000Z
        (siblings,) = record.fields.values()
        self.assertEqual(list(siblings.values()), [values.integer(500)])

    def test_a_record_without_fields(self):
        record = codec.Record(clock={b"\1" * 16: 2})
        self.assertEqual(codec.encode_body(record), bytes(4))
        self.assertEqual(codec.decode(codec.encode(record)), record)

    def test_any_change_of_a_byte_is_refused_or_means_something_else(self):
        """One encoding a record: no two byte strings decode to one record."""
        good = example_record()
        record = codec.decode(good)
        for index in range(len(good)):
            for byte in range(256):
                bad = good[:index] + bytes([byte]) + good[index + 1 :]
                try:
                    self.assertTrue(bad == good or codec.decode(bad) != record)
                except Malformed:
                    pass
            with self.assertRaises(Malformed):
                codec.decode(good[:index])
        with self.assertRaises(Malformed):
            codec.decode(good + b"\0")


class ScriptedLink:
    """The server of the worked session; what the client sends must be the document's."""

    def __init__(self, test, script):
        self.test, self.script = test, script
        self.peer_limit = messages.HELLO_FRAME_MAX

    def send(self, message):
        # Where the two streams do not wait for each other the document's order is one of several.
        index = next(i for i, (who, _) in enumerate(self.script) if who == "client")
        self.test.assertEqual(messages.encode(message).hex(), self.script.pop(index)[1].hex())

    def receive(self):
        who, data = self.script.pop(0)
        self.test.assertEqual(who, "server")
        type_, body, rest = messages.split_frame(data)
        self.test.assertEqual(rest, b"")
        return messages.decode(type_, body)


class WorkedSession(unittest.TestCase):
    def scripts(self):
        """The frames of the pull and of the push, each as (who, bytes)."""
        frames = [(title.split()[0], data) for title, data in hex_blocks()
                  if title and title != "compressed"]
        starts = [i for i, (_, data) in enumerate(frames) if data[4] == messages.Hello.type]
        self.assertEqual(len(starts), 2)
        return frames[: starts[1]], frames[starts[1] :]

    @unittest.skipUnless(shutil.which("zstd"), "no zstd here")
    def test_the_compressed_frame_holds_frames_of_the_pull(self):
        data = next(data for title, data in hex_blocks() if title == "compressed")
        type_, body, rest = messages.split_frame(data)
        self.assertEqual((type_, rest), (messages.COMPRESSED, b""))
        # The stream goes on, of which zstd complains behind what it unpacks.
        content = subprocess.run(
            ["zstd", "-dcq"], input=body, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
        pull, _ = self.scripts()
        kinds = (messages.Begin.type, messages.Records.type, messages.Done.type)
        self.assertEqual(content, b"".join(frame for _, frame in pull if frame[4] in kinds))

    def test_every_frame_has_one_encoding(self):
        count = 0
        for script in self.scripts():
            for _, data in script:
                type_, body, rest = messages.split_frame(data)
                message = messages.decode(type_, body)
                self.assertEqual(messages.encode(message), data)
                with self.assertRaises(Malformed):
                    messages.decode(type_, body[:-1])
                for entry in getattr(message, "entries", []):
                    self.assertEqual(codec.encode(codec.decode(entry.record)), entry.record)
                count += 1
        self.assertGreaterEqual(count, 18)

    def test_this_client_sends_just_the_frames_that_the_document_shows(self):
        pull, push = self.scripts()
        device = store.Store("field/amina")
        device.replica = b"\xa0" * 16
        with mock.patch.object(session, "SOFTWARE", "example 0.1"):
            with mock.patch("time.time_ns", return_value=1_795_512_601_000 * 10**6):
                client = session.Session(ScriptedLink(self, pull), device)
                client.hello()
                client.read_welcome()
                client.open(COLLECTION, session.PULL, eager=True)
                client.run()
            self.assertEqual(pull, [])
            self.assertFalse(device.collection(COLLECTION).progress)

            # The write's time is in the document: the upper 48 bits of 01 a2 0c e4 f0 20 00 00.
            with mock.patch("time.time_ns", return_value=0x01A20CE4F020 * 10**6):
                device.put(COLLECTION, "future-hub", {"status": values.text("signed")})
            tokens = [b"\x44" * 16, b"\x33" * 16]
            with mock.patch("time.time_ns", return_value=1_795_512_661_000 * 10**6), \
                    mock.patch("secrets.token_bytes", side_effect=tokens):
                client = session.Session(ScriptedLink(self, push), device)
                client.hello()
                client.open(COLLECTION, session.PUSH)
                client.read_welcome()
                client.run()
            self.assertEqual(push, [])

    def test_fingerprint_and_digest_of_nothing(self):
        self.assertEqual(fingerprint.fingerprint("x", {}), bytes(32))
        self.assertTrue(fingerprint.digest({}, {}).hex().startswith("e3b0c442"))


if __name__ == "__main__":
    unittest.main()
