"""The Python client against the real programs: everything that goes well."""

import unittest

from office import Office
from officesync import codec, link, merge, messages, names, session, values
from officesync.session import PULL, PUSH
from officesync.values import ABSENT, decimal, integer, text


class CutSession(session.Session):
    """Breaks off once `after` frames with records came."""

    after = 3

    def receive(self):
        message = super().receive()
        if isinstance(message, messages.Records):
            if self.after == 0:
                raise link.Cut("by the test")
            self.after -= 1
        return message


class Exchange(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.office = Office()
        cls.addClassCleanup(cls.office.close)
        cls.office.grant("field/*", "*")

    def current(self, device, collection, id):
        record = device.record(collection, id)
        return {path: merge.current(record, path) for path in record.fields}

    def assert_same_store(self, device, collection):
        """Fingerprint and knowledge are what the programs say of the office's store."""
        held = device.collection(collection)
        known = {replica.hex(): counter for replica, counter in held.knowledge.items()}
        for program in ("syncclient", "syncserver"):
            told = self.office.status(collection, program)
            self.assertEqual(told["fingerprint"], held.fingerprint().hex(), program)
            self.assertEqual(told["knowledge"], known, program)
            self.assertEqual(told["records"], len([
                id for id, record in held.records.items()
                if not id.startswith("$") and not merge.is_deleted(record)]), program)

    def test_pull_of_every_type(self):
        office, name = self.office, "types"
        office.set_schema(name, {
            "due": {"type": "date"}, "seen": {"type": "timestamp"}, "share": {"type": "double"},
            "scan": {"type": "bytes"}, "partners": {"type": "text", "policy": "set"},
            "title/*": {"type": "text", "label": {"fr": "Intitulé", "ar": "العنوان"}}})
        office.put(
            name, "future-hub", "title/fr=Cité de l'innovation", "title/ar=مركز المستقبل",
            "jobs=500", "big=-9223372036854775808", "budget=1500.00", "rate=1e-3", "open=true",
            "closed=false", "none=null", "tags=[\"é\",1,[2.50]]", "empty={}",
            "milestones={\"m1\":{\"due\":\"2026-03-31\"},\"a/b=c%\":1}", "due=2026-03-31",
            "seen=2026-11-24T09:30:00.000Z", "share=0.1", "scan=AAEC", "code=007x",
            "partners=[\"Onepoint\",\"Égide\"]")
        office.put(name, "projet-été", "title/fr=Été", "--by", "Aïcha")
        device = office.device("amina")
        channel, _ = office.sync(device, name, PULL)

        got = self.current(device, name, "future-hub")
        partners = [names.set_element_path("partners", values.encode(text(partner)))
                    for partner in ("Onepoint", "Égide")]
        self.assertEqual(got, {
            "title/fr": text("Cité de l'innovation"), "title/ar": text("مركز المستقبل"),
            "jobs": integer(500), "big": integer(-(2**63)), "budget": decimal("1500.00"),
            "rate": decimal("1e-3"), "open": values.Value("true"),
            "closed": values.Value("false"), "none": values.Value("null"),
            "tags": values.Value("list", [
                text("é"), integer(1), values.Value("list", [decimal("2.50")])]),
            "empty": values.Value("object", {}),
            "milestones/m1/due": text("2026-03-31"),
            "milestones/" + names.escaped("a/b=c%"): integer(1),
            "due": values.date(2026, 3, 31),
            "seen": values.Value("timestamp", 1_795_512_600_000),
            "share": values.Value("double", 0.1), "scan": values.Value("bytes", b"\0\1\2"),
            "code": text("007x"),
            partners[0]: text("Onepoint"), partners[1]: text("Égide")})
        (write,) = device.record(name, "projet-été").writes.values()
        self.assertEqual((write.author, write.note), ("office/casablanca", "Aïcha"))

        schema = self.current(device, name, "$schema")
        self.assertEqual(schema["fields/due/type"], text("date"))
        self.assertEqual(schema["fields/partners/policy"], text("set"))
        self.assertEqual(schema["fields/title%2F*/label/ar"], text("العنوان"))

        self.assertEqual(channel.receiver.received, 3)
        self.assertEqual(channel.pulled.refused, 0)
        self.assert_same_store(device, name)

    def test_round_trips(self):
        office, name = self.office, "rounds"
        office.put(name, "a", "x=1")
        device = office.device("amina")
        _, made = office.sync(device, name, PULL)
        self.assertEqual(made.round_trips, 1)  # State went eagerly behind Open
        office.put(name, "a", "x=2")
        _, made = office.sync(device, name, PULL)
        self.assertEqual(made.round_trips, 2)
        for directions in (PULL, PUSH, PULL | PUSH):
            channel, made = office.sync(device, name, directions)
            self.assertTrue(channel.same)
            self.assertEqual(made.round_trips, 1)

    def test_edit_reaches_a_real_device(self):
        office, name = self.office, "edits"
        office.put(name, "hub", "status=announced", "title=Future Hub")
        amina, karim = office.device("amina"), office.real_device("karim")
        office.sync(amina, name)
        amina.put(name, "hub", {"status": text("signed"), "title": ABSENT})
        channel, _ = office.sync(amina, name, PUSH)
        self.assertEqual((channel.result.applied, channel.result.refused), (1, 0))
        self.assertEqual(channel.result.digest, amina.collection(name).digest())
        self.assert_same_store(amina, name)

        office.client("pull", name, data=karim)
        seen = office.get(name, "hub", data=karim)
        self.assertEqual(seen["fields"], {"status": "signed"})
        self.assertNotIn("conflicts", {k for k, v in seen.items() if v} - {"fields"})
        self.assertEqual(office.status(name, data=karim)["fingerprint"],
                         amina.collection(name).fingerprint().hex())

    def test_concurrent_edits_stay_side_by_side(self):
        office, name = self.office, "conflicts"
        office.set_schema(name, {"status": {"policy": "manual"}})
        office.put(name, "hub", "status=announced", "jobs=1")
        amina, karim = office.device("amina"), office.real_device("karim")
        office.sync(amina, name)
        office.client("pull", name, data=karim)
        office.put(name, "hub", "status=signed", data=karim)
        dot = amina.put(name, "hub", {"status": text("مؤجل")})
        office.client("sync", name, data=karim)
        channel, _ = office.sync(amina, name)
        self.assertEqual(channel.result.new_conflicts, 1)
        self.assertEqual(channel.pulled.new_conflicts, 1)
        office.client("sync", name, data=karim)

        siblings = amina.record(name, "hub").fields["status"]
        self.assertEqual({content.data for content in siblings.values()}, {"signed", "مؤجل"})
        shown = merge.current(amina.record(name, "hub"), "status").data
        for data in (office.data, karim):
            seen = office.get(name, "hub", data=data)
            self.assertEqual(seen["fields"]["status"], shown)
            self.assertEqual(
                {one["dot"]: one["value"] for one in seen["conflicts"]["status"]},
                {f"{r.hex()}:{c}": content.data for (r, c), content in siblings.items()})
            self.assertIn(f"{dot[0].hex()}:{dot[1]}",
                          [one["dot"] for one in seen["conflicts"]["status"]])
            self.assertEqual(office.status(name, data=data)["conflicts"], 1)
        self.assert_same_store(amina, name)

        amina.put(name, "hub", {"status": text("decided")})
        office.sync(amina, name)
        office.client("pull", name, data=karim)
        self.assertEqual(office.get(name, "hub", data=karim)["fields"]["status"], "decided")
        self.assertEqual(office.status(name, data=karim)["conflicts"], 0)

    def test_a_difference_beside_anothers_value_is_withheld_and_taken(self):
        """A push without a pull in between names the other's write and does not vouch for it."""
        office, name = self.office, "withheld"
        office.put(name, "hub", "status=announced")
        amina, karim = office.device("amina"), office.device("karim")
        office.sync(amina, name)
        office.sync(karim, name)
        amina.put(name, "hub", {"status": text("a")})
        karim.put(name, "hub", {"status": text("k")})
        office.sync(karim, name, PUSH)
        office.sync(amina, name, PULL)
        self.assertEqual(len(amina.record(name, "hub").fields["status"]), 2)
        channel, made = office.sync(amina, name, PUSH)
        sent = [codec.decode(messages.decode(data[4], data[5:]).entries[0].record)
                for data in made.sent_frames if data[4] == messages.Records.type]
        self.assertIn(None, sent[0].writes.values())
        self.assertEqual((channel.result.applied, channel.result.refused), (1, 0))
        self.assert_same_store(amina, name)

    def test_sets_and_journals(self):
        office, name = self.office, "sets"
        office.set_schema(name, {"partners": {"type": "text", "policy": "set"},
                                 "visits": {"type": "text", "policy": "journal"}})
        office.put(name, "hub", "partners=[\"Onepoint\"]", "visits+=first")
        amina, karim = office.device("amina"), office.real_device("karim")
        office.sync(amina, name)
        first = [path for path in amina.record(name, "hub").fields if path.startswith("visits/")]
        self.assertRegex(first[0], "^visits/[0-9a-f]{48}$")
        element = names.set_element_path("partners", values.encode(text("Égide")))
        time = amina.highest_time + 1
        entry = names.journal_entry_path("visits", time, amina.replica)
        amina.put(name, "hub", {element: text("Égide"), entry: text("زيارة")})
        office.sync(amina, name)
        office.client("pull", name, data=karim)
        fields = office.get(name, "hub", data=karim)["fields"]
        self.assertEqual(sorted(fields["partners"]), ["Onepoint", "Égide"])
        self.assertEqual([(one["author"], one["value"]) for one in fields["visits"]],
                         [("office/casablanca", "first"), ("field/amina", "زيارة")])
        office.put(name, "hub", "partners-=Onepoint", data=karim)
        office.client("push", name, data=karim)
        office.sync(amina, name)
        partners = {v for path, v in self.current(amina, name, "hub").items()
                    if path.startswith("partners/")}
        self.assertEqual(partners, {text("Égide"), ABSENT})
        self.assert_same_store(amina, name)

    def test_deletion(self):
        office, name = self.office, "deletions"
        for id in ("a", "b"):
            office.put(name, id, "x=1", "y=2")
        amina, karim = office.device("amina"), office.real_device("karim")
        office.client("rm", name, "a")
        office.sync(amina, name)
        self.assertTrue(merge.is_deleted(amina.record(name, "a")))
        self.assertFalse(merge.is_deleted(amina.record(name, "b")))
        amina.put(name, "b", {merge.DELETED: merge.deletion(amina.record(name, "b"))})
        amina.put(name, "a", {merge.DELETED: ABSENT})
        self.assertTrue(merge.is_deleted(amina.record(name, "b")))
        office.sync(amina, name)
        office.client("pull", name, data=karim)
        self.assertTrue(office.get(name, "b", data=karim)["deleted"])
        self.assertEqual(office.get(name, "a", data=karim)["fields"], {"x": 1, "y": 2})
        self.assert_same_store(amina, name)

    def test_purge(self):
        office, name = self.office, "purges"
        office.put(name, "c", "x=1", "y=2")
        amina = office.device("amina")
        office.sync(amina, name)
        office.client("purge", name, "c")
        office.sync(amina, name)
        record = amina.record(name, "c")
        self.assertTrue(record.erased)
        self.assertEqual(set(record.fields), {merge.DELETED})
        self.assertTrue(merge.is_deleted(record))
        self.assert_same_store(amina, name)

    def fill(self, name, count, size):
        writer = self.office.device("karim")
        for number in range(count):
            writer.put(name, f"p{number:04}", {"text": text(f"{number} " + "x" * size)})
        self.office.sync(writer, name)

    def pull_until_cut(self, device, name):
        with self.assertRaises(link.Cut), self.office.connect("amina") as made:
            cut = CutSession(made, device)
            cut.hello()
            cut.open(name, PULL, eager=True)
            cut.read_welcome()
            cut.run()

    def test_cut_in_the_middle_of_a_pull(self):
        office, name = self.office, "cuts"
        self.fill(name, 300, 2_000)
        path = office.path("amina.json")
        device = office.device("amina", path)
        self.pull_until_cut(device, name)
        held = office.device("amina", path).collection(name)
        kept = len(held.records)
        self.assertTrue(0 < kept < 300)
        self.assertEqual(held.knowledge, {})
        self.assertTrue(held.condition().uncovered)

        device = office.device("amina", path)  # as after a crash: what the file holds
        self.assertTrue(device.collection(name).progress)
        channel, _ = office.sync(device, name, PULL)
        self.assertTrue(channel.receiver.resumed)
        self.assertLessEqual(channel.receiver.received, 300 - kept + 1)
        self.assertEqual(len(device.collection(name).records), 300)
        self.assertFalse(device.collection(name).progress)
        self.assert_same_store(device, name)

    def test_cut_without_progress_starts_over(self):
        office, name = self.office, "cuts-forgotten"
        self.fill(name, 200, 2_000)
        device = office.device("amina")
        self.pull_until_cut(device, name)
        device.collection(name).progress.clear()
        channel, _ = office.sync(device, name, PULL)
        self.assertFalse(channel.receiver.resumed)
        self.assertEqual(channel.receiver.received, 200)
        self.assert_same_store(device, name)

    def test_a_small_change_of_a_large_record_is_a_small_frame(self):
        office, name = self.office, "large"
        office.put(name, "hub", *[f"part{i}={'x' * 10_000}" for i in range(10)], "status=a")
        device = office.device("amina")
        office.sync(device, name)
        self.assertGreater(len(codec.encode(device.record(name, "hub"))), 100_000)
        device.put(name, "hub", {"status": text("b")})
        _, made = office.sync(device, name, PUSH)
        pushed = [len(data) for data in made.sent_frames if data[4] == messages.Records.type]
        self.assertEqual(len(pushed), 1)
        self.assertLess(pushed[0], 500)
        office.put(name, "hub", "status=c")
        _, made = office.sync(device, name, PULL)
        pulled = [size for type_, size in made.received_frames if type_ == messages.Records.type]
        self.assertEqual(len(pulled), 1)
        self.assertLess(pulled[0], 500)

    def test_an_entry_larger_than_a_frame_goes_in_parts(self):
        office, name = self.office, "parts"
        for who in ("amina", "karim"):
            device = office.device(who)
            for part in range(3):
                scan = values.Value("bytes", bytes([part]) * 250_000)
                device.put(name, "hub", {f"scan{part}": scan})
            channel, _ = office.sync(device, name, PUSH)
            self.assertEqual(channel.result.applied, 1)
        reader = office.device("salma")
        channel, made = office.sync(reader, name, PULL)
        types = [type_ for type_, _ in made.received_frames]
        self.assertIn(messages.Part.type, types)
        self.assertLessEqual(max(size for _, size in made.received_frames), 1_048_576 + 4)
        self.assertEqual(len(reader.record(name, "hub").dots()), 6)
        self.assert_same_store(reader, name)

        for path in [*reader.record(name, "hub").fields, "more0", "more1"]:
            reader.put(name, "hub", {path: values.Value("bytes", bytes(250_000))})
        channel, made = office.sync(reader, name, PUSH)
        self.assertIn(messages.Part.type, [data[4] for data in made.sent_frames])
        self.assertEqual(channel.result.refused, 0)
        self.assert_same_store(reader, name)

    def test_several_collections_in_one_session(self):
        office, many = self.office, [f"many-{i}" for i in range(5)]
        for name in many:
            office.put(name, "a", f"name={name}")
        device = office.device("amina")
        with office.connect("amina") as made:
            ran = session.sync(made, device, many, PULL)
            self.assertEqual(made.round_trips, 1)
        self.assertEqual(len(ran.channels), 5)
        for name in many:
            self.assert_same_store(device, name)

    def test_the_server_stops_in_good_order_and_comes_back(self):
        office, name = Office(), "restart"
        try:
            office.grant("field/amina", name)
            device = office.device("amina")
            device.put(name, "a", {"x": integer(1)})
            office.sync(device, name)
            self.assertEqual(office.stop(), 0)
            office.start()
            channel, _ = office.sync(device, name)
            self.assertTrue(channel.same)
        finally:
            office.close()


if __name__ == "__main__":
    unittest.main()
