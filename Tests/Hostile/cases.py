"""What holds for every attack. A case says what one attempt does and what has to come of it; that is made sure of here:

- the refusal is the one that is due, at the first attempt and at the last,
- an honest session that was there before is served after it,
- nothing is left of many attempts: memory, descriptors, rows and pages of the store are as they were after a few,
- the log has one line on one attempt, without a control character, and few on many.
"""

import concurrent.futures
import os
import time
import unittest

from arena import Arena, Attacker, Measure, outcome

REPEATS = int(os.environ.get("OFFICESYNC_HOSTILE_REPEATS", "14"))
#: Attempts after which everything that is kept once is kept.
WARM_UP = 3
AT_ONCE = 12
LINES_A_MINUTE = 20
#: What allocators and caches of the server come to, whatever is done to it.
MEMORY = int(os.environ.get("OFFICESYNC_HOSTILE_MEMORY_MIB", "16")) << 20
PAGES = 16
#: Of one device and collection.
TOKENS = 64
#: Of the audit log: a few hundred lines in ten minutes, whatever is done.
AUDIT, AUDIT_SECONDS = 128 << 10, 600
#: Readers of the store that are kept for the next session, three descriptors each, and a few of them in use.
DESCRIPTORS = 32
SECONDS = 30


class Case:
    """One attack. `expected`: what `outcome` makes of an attempt; several if any of them may come. `line`: in the log. `later`: what
    repeated attempts may come to beside that, when a limit is reached. `together`: attempts that wait for a deadline are made at
    the same time. `share`: of the repeats, for what takes long. `quiet`: nothing was refused, and each attempt has its line. `lines`: that one attempt
    has. `untouched`: not even the first attempt leaves a row."""

    def __init__(self, attack, expected, line, later=(), prepare=None, share=1.0, together=False,
                 quiet=False, lines=1, untouched=False):
        self.attack, self.line, self.later = attack, line, later
        self.expected = (expected,) if isinstance(expected, str) else expected
        self.prepare, self.together, self.quiet, self.untouched = prepare, together, quiet, untouched
        self.repeats, self.lines = max(1, int(REPEATS * share)), lines


class Attacks(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.arena = Arena()
        cls.addClassCleanup(cls.arena.close)

    def check(self, name, case):
        arena = self.arena
        attacker = Attacker(arena, name)
        if case.prepare:
            case.prepare(attacker)
        neighbour = arena.neighbour()
        self.addCleanup(neighbour.close)
        mark, start, first = arena.end_of_log(), time.monotonic(), Measure(arena)

        self.assertIn(self.attempt(case, attacker), case.expected)
        lines = self.awaited(lambda: attacker.lines(mark), case.lines)
        self.assertEqual(len(lines), case.lines, lines)
        self.assertTrue(any(case.line in line for line in lines), lines)
        neighbour.is_served()

        if not case.together:
            self.repeat(case, attacker, neighbour, min(WARM_UP, case.repeats))
        before = self.settled(None)
        self.repeat(case, attacker, neighbour, case.repeats)
        after = self.settled(before.descriptors)

        for measured in (first, before, after):
            # Of streams that never ended the last few are remembered.
            tokens = measured.rows.pop("given_token")
        self.assertLessEqual(tokens, TOKENS * arena.attackers)
        self.assertEqual(after.rows, first.rows if case.untouched else before.rows)
        self.assertLessEqual(after.pages, before.pages + PAGES)
        windows = int(time.monotonic() - start) // AUDIT_SECONDS + 1
        self.assertLessEqual(after.audit, before.audit + windows * AUDIT)
        self.assertLessEqual(after.memory, before.memory + MEMORY)
        self.assertLessEqual(after.descriptors, before.descriptors + DESCRIPTORS)
        lines = attacker.lines(mark)
        for line in lines:
            self.assertTrue(line.isprintable(), repr(line))
        if not case.quiet:
            minutes = int(time.monotonic() - start) // 60 + 2
            self.assertLessEqual(len(lines), (LINES_A_MINUTE + 1) * minutes, lines[-1])
        neighbour.is_served()
        self.assertIsNone(arena.server.poll())

    def attempt(self, case, attacker):
        attacker.count += 1
        return outcome(lambda: case.attack(attacker))

    def repeat(self, case, attacker, neighbour, count):
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE if case.together else 1) as threads:
            for came in threads.map(lambda _: self.attempt(case, attacker), range(count)):
                self.assertIn(came, (*case.expected, *case.later))
                neighbour.is_served_in_time()

    def awaited(self, look, count):
        """What is there as soon as it is so much, and a little later."""
        end = time.monotonic() + SECONDS
        while len(look()) < count and time.monotonic() < end:
            time.sleep(0.01)
        time.sleep(0.05)
        return look()

    def settled(self, descriptors):
        """Once the last connections are gone."""
        end = time.monotonic() + SECONDS
        while True:
            time.sleep(0.03)
            found = Measure(self.arena)
            limit = found.descriptors if descriptors is None else descriptors + DESCRIPTORS
            if found.descriptors <= limit or time.monotonic() > end:
                return found


def case(expected, line, **options):
    """Makes a function a case: its name is the attack's, its argument who attacks."""
    return lambda attack: Case(attack, expected, line, **options)


def suite(module):
    """A test for each case of a module, on one office."""
    found = {name: value for name, value in module.items() if isinstance(value, Case)}
    return type("Hostile", (Attacks,), {
        "__module__": module["__name__"],
        **{f"test_{name}": lambda self, name=name, case=one: self.check(name.replace("_", "-")[:63], case)
           for name, one in found.items()}})
