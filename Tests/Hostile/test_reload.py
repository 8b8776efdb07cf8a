"""Limits that an administrator changes while the server runs, as one does under attack: they hold for whoever comes from then on."""

import os
import re
import signal
import time
import unittest

from arena import NAME, PULL, Arena, Attacker, Measure, outcome
from cases import MEMORY, REPEATS, SECONDS
from test_frames import then

ALERT = bytes.fromhex("15030300020250")  # internal_error, before there are keys
FRAME = 600 << 10


class Reloads(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.arena = Arena()
        cls.addClassCleanup(cls.arena.close)
        cls.config = os.path.join(cls.arena.data, "config.toml")
        with open(cls.config, encoding="utf-8") as file:
            cls.settings = file.read()

    def setUp(self):
        self.neighbour = self.arena.neighbour()
        self.addCleanup(self.neighbour.close)
        self.addCleanup(self.reload)
        self.mark = self.arena.end_of_log()

    def reload(self, said="were read anew", **limits):
        """The settings as they were at first but for these; what the log says of it."""
        changed = {name.replace("_", "-"): value for name, value in limits.items()}
        kept = [line for line in self.settings.splitlines() if line.partition(" ")[0] not in changed]
        with open(self.config, "w", encoding="utf-8") as file:
            file.write("\n".join(kept + [f"{name} = {value}" for name, value in changed.items()]) + "\n")
        mark, end = self.arena.end_of_log(), time.monotonic() + SECONDS
        self.arena.server.send_signal(signal.SIGHUP)
        while True:
            for line in self.arena.lines_since(mark):
                if re.search(said, line):
                    return line
            self.assertLess(time.monotonic(), end, self.arena.log())
            time.sleep(0.01)

    def welcomed(self, attacker):
        made = attacker.greeted()
        self.addCleanup(made.made.link.close, abrupt=True)
        return "welcome"

    def check_refused(self, attacker, line):
        end = time.monotonic() + SECONDS
        while not any(line in said for said in attacker.lines(self.mark)):
            self.assertLess(time.monotonic(), end, attacker.lines(self.mark))
            time.sleep(0.01)
        self.neighbour.is_served()

    def test_fewer_sessions_of_an_identity(self):
        attacker = Attacker(self.arena, "of-fewer")
        open_before = [attacker.greeted().made for _ in range(3)]
        self.assertIn("connections-per-identity=2 ", self.reload(connections_per_identity=2) + " ")
        self.assertEqual(outcome(lambda: self.welcomed(attacker)), "fail busy")
        self.check_refused(attacker, "too many of this identity")
        # Who is in stays.
        for made in open_before:
            made.open(NAME, PULL)
            made.run()
            made.link.close()
        self.reload()
        for _ in range(3):
            self.assertEqual(outcome(lambda: self.welcomed(attacker)), "welcome")

    def test_fewer_at_the_door_from_an_address(self):
        self.reload(handshakes_per_address=2)
        attacker = Attacker(self.arena, "at-the-door")
        made = [attacker.socket() for _ in range(3)]
        made[0].settimeout(SECONDS)
        self.assertEqual(made[0].recv(100), ALERT)
        self.check_refused(attacker, "no room")
        for one in made:
            one.close()

    def test_shorter_frames(self):
        frame = FRAME.to_bytes(4, "big") + b"\x08"
        self.reload(frame_kilobytes=256)
        attacker = Attacker(self.arena, "of-long-frames")
        self.assertEqual(outcome(lambda: then(attacker, frame)), "fail protocolViolation")
        self.check_refused(attacker, "no frame")

    def test_fewer_new_replicas(self):
        attacker = Attacker(self.arena, "of-many-copies")
        self.reload(device_replicas=1)

        def greet():
            attacker.device.replica = os.urandom(16)
            with attacker.greeted():
                return "welcome"
        self.assertEqual([outcome(greet) for _ in range(2)], ["welcome", "fail busy"])
        self.check_refused(attacker, "replica")
        self.reload(device_replicas=3)
        self.assertEqual([outcome(greet) for _ in range(3)], ["welcome", "welcome", "fail busy"])

    def test_settings_that_are_wrong_change_nothing(self):
        self.reload(connections_per_identity=2)
        for wrong in ({"connections": 0}, {"connections": '"many"'}, {"servr": '"a"'}):
            line = self.reload(said="nothing was read anew", connections_per_identity=16, **wrong)
            self.assertIn("config.toml", line)
        attacker = Attacker(self.arena, "of-wrong-settings")
        came = [outcome(lambda: self.welcomed(attacker)) for _ in range(3)]
        self.assertEqual(came, ["welcome", "welcome", "fail busy"])
        self.neighbour.is_served()

    def test_many_reloads_leave_nothing(self):
        for number in range(8):
            self.reload(connections=100 + number)
        before = Measure(self.arena)
        for number in range(REPEATS):
            self.reload(connections=100 + number % 100)
        after = Measure(self.arena)
        self.assertLessEqual(after.memory, before.memory + MEMORY)
        self.assertLessEqual(after.descriptors, before.descriptors + 4)
        self.assertEqual(after.rows, before.rows)
        self.neighbour.is_served()


if __name__ == "__main__":
    unittest.main()
