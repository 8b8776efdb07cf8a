"""Many connections at once, and peers that take nothing."""

import socket
import time
import unittest

from arena import LARGE, PULL, Arena, Attacker, Measure, outcome, session
from cases import DESCRIPTORS, LINES_A_MINUTE, SECONDS

CROWD = 5_000
MEBIBYTE = 1 << 20
#: What all of a crowd may come to: 150 MiB are promised on a release build.
CROWD_MEMORY = 150 * MEBIBYTE
ALERT = bytes.fromhex("15030300020250")  # internal_error, before there are keys


class Crowds(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.arena = Arena()
        cls.addClassCleanup(cls.arena.close)

    def setUp(self):
        self.neighbour = self.arena.neighbour()
        self.addCleanup(self.neighbour.close)
        self.before = Measure(self.arena)
        self.mark = self.arena.end_of_log()

    def crowd(self, name, count, data=b""):
        """Connections that say this much and stay."""
        attacker = Attacker(self.arena, name)
        made = []
        self.addCleanup(lambda: [one.close() for one in made])
        for _ in range(count):
            try:
                made.append(attacker.socket())
                made[-1].sendall(data)
            except ConnectionError:
                pass
        return attacker, made

    def settle(self, attacker):
        """What is kept of a device that comes for the first time is there."""
        with attacker.greeted():
            pass
        self.before = Measure(self.arena)

    def check_served(self):
        """An honest device that comes now is served."""
        self.neighbour.is_served()
        self.arena.sync(self.arena.amina, "projects")

    def check_quiet_again(self, *attackers):
        end = time.monotonic() + SECONDS
        while (now := Measure(self.arena)).descriptors > self.before.descriptors + DESCRIPTORS:
            self.assertLess(time.monotonic(), end, "connections are left")
            time.sleep(0.2)
        # Of streams that never ended the last few are remembered.
        self.assertLessEqual(now.rows.pop("given_token"), self.before.rows.pop("given_token") + 8)
        self.assertEqual(now.rows, self.before.rows)
        for attacker in attackers:
            lines = attacker.lines(self.mark)
            self.assertTrue(all(line.isprintable() for line in lines))
            self.assertTrue(1 <= len(lines) <= 3 * (LINES_A_MINUTE + 1), len(lines))
        self.check_served()

    def turned_away(self, made):
        """How many were told that there is no room."""
        count = 0
        for one in made:
            one.settimeout(SECONDS)
            try:
                count += one.recv(100) == ALERT
            except OSError:
                pass
        return count

    def check_crowd(self, name, data):
        attacker, made = self.crowd(name, CROWD, data)
        self.check_served()
        self.assertLess(Measure(self.arena).memory, self.before.memory + CROWD_MEMORY)
        self.assertLess(Measure(self.arena).descriptors, self.before.descriptors + 2_000)
        self.assertGreater(self.turned_away(made), CROWD // 2)
        self.check_quiet_again(attacker)

    def test_five_thousand_who_say_nothing(self):
        self.check_crowd("silent", b"")

    def test_five_thousand_who_say_half_of_something(self):
        self.check_crowd("half", bytes.fromhex("16030102000100") + bytes(100))

    def test_a_thousand_from_twenty_addresses(self):
        attackers = [self.crowd(f"of-many-{number}", 100)[0] for number in range(20)]
        self.check_served()
        self.assertLess(Measure(self.arena).memory, self.before.memory + CROWD_MEMORY)
        self.check_quiet_again(*attackers)

    def test_whoever_never_reads_is_left(self):
        """The idle time is over when nothing was taken for so long."""
        attacker = Attacker(self.arena, "deaf")
        with attacker.link() as made:
            session.sync(made, attacker.device, [LARGE], PULL)
        attacker.device.collections.clear()
        while not attacker.lines(self.mark):
            time.sleep(0.05)
        self.before = Measure(self.arena)
        held = []
        for _ in range(8):
            made = attacker.greeted().made
            made.link.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            channel = made.open(LARGE, PULL, eager=True)
            made.link.socket.setblocking(True)
            made.link.socket.sendall(made.link.unsent + made.link.outgoing.read())
            made.link.unsent = b""
            held.append((made, channel))
        self.check_served()
        self.assertLess(Measure(self.arena).memory, self.before.memory + CROWD_MEMORY)
        end = time.monotonic() + 2 * SECONDS
        while not any("nothing came" in line for line in attacker.lines(self.mark)):
            self.assertLess(time.monotonic(), end, attacker.lines(self.mark))
            time.sleep(0.1)
        self.check_quiet_again(attacker)
        for made, _ in held:
            made.link.close(abrupt=True)

    def test_sessions_that_are_cut_without_a_word(self):
        attacker = Attacker(self.arena, "cut")
        self.settle(attacker)
        for _ in range(100):
            made = attacker.greeted().made
            made.link.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            made.link.socket.close()
        self.check_quiet_again(attacker)

    def test_a_session_begun_anew_again_and_again(self):
        """Whoever gets in as often as it likes leaves nothing."""
        attacker = Attacker(self.arena, "eager")
        self.settle(attacker)

        def greet():
            with attacker.greeted() as made:
                return made.welcome
        for _ in range(200):
            self.assertIn(outcome(greet), ("welcome", "fail busy"))
        self.check_served()
        self.assertEqual(Measure(self.arena).rows, self.before.rows)
