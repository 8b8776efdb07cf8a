"""What a device says of itself, and messages out of turn."""

import secrets

from arena import NAME, PULL, PUSH, messages
from cases import case, suite
from officesync.values import text

VIOLATION = "fail protocolViolation"


def hello(expected, line, make, **options):
    """A case of what `Hello` says. `make`: what is different in it."""
    def attack(attacker):
        with attacker.greeted(**make(attacker)):
            return "welcome"
    return case(expected, line, **options)(attack)


another_devices_replica = hello(
    "fail replicaOwnedByAnother", "another identity", lambda a: {"replica": a.arena.amina.replica}, lines=2)
another_devices_former_replica = hello(
    "fail replicaOwnedByAnother", "another identity", lambda a: {"former_replicas": [a.arena.amina.replica]}, lines=2)
no_replica = hello("fail notAllowed", "without a store", lambda a: {"replica": bytes(16)})
a_later_version_alone = hello("fail versionUnsupported", "version", lambda a: {"version_min": 2, "version_max": 9})
versions_the_wrong_way_round = hello(VIOLATION, "malformed", lambda a: {"version_min": 2, "version_max": 1})
a_name_of_129_bytes = hello(VIOLATION, "malformed", lambda a: {"replica_name": "a" * 129})
more_former_replicas_than_there_may_be = hello(
    VIOLATION, "malformed", lambda a: {"former_replicas": [n.to_bytes(16, "big") for n in range(1, 130)]})
former_replicas_out_of_order = hello(VIOLATION, "malformed", lambda a: {"former_replicas": [b"b" * 16, b"a" * 16]})
control_characters_in_the_software = hello(
    "welcome", "session", lambda a: {"software": "x\x1b[2J\r\n2026 info session identity=office/rabat"}, quiet=True)
control_characters_in_the_name = hello(
    "welcome", "session", lambda a: {"replica_name": "\u202ex\x1b]0;y\x07\r\n"}, quiet=True)
ever_new_replicas = hello(
    ("welcome", "fail busy"), "identity=", lambda a: {"replica": secrets.token_bytes(16)}, quiet=True)
ever_new_former_replicas = hello(
    "fail busy", "as many new replica IDs",
    lambda a: {"former_replicas": sorted(secrets.token_bytes(16) for _ in range(20))})


@case("fail replicaOwnedByAnother", "own replica ID", lines=1)
def the_offices_replica(attacker):
    with attacker.greeted(replica=attacker.arena.replica):
        return "welcome"


# Collections that are not the device's

def opening(expected, line, collection, directions=PULL, **changes):
    def attack(attacker):
        with attacker.greeted(**{name: make() for name, make in changes.items()}) as made:
            made.open(collection, directions)
            return made.receive()
    return case(expected, line, **({"quiet": True} if expected == "state" else {}))(attack)


the_offices_own_collection = opening("refused notAllowed", "own collection", "$office", PULL | PUSH)
a_collection_without_a_grant = opening("refused notAllowed", "no grant lets", "secret")
a_collection_that_does_not_exist = opening("refused notAllowed", "no grant lets", "nothing", PUSH)


@case("refused notAllowed", "session", quiet=True)
def comparing_the_offices_own_collection(attacker):
    with attacker.greeted() as made:
        made.link.send(messages.Compare(1, "$office", bytes(32), attacker.device.collection(NAME).condition()))
        return made.receive()


def clock(milliseconds):
    def prepare(attacker):
        attacker.sync()
        attacker.device.put(NAME, "late", {"x": text("x")})

    def attack(attacker):
        with attacker.greeted(wall_milliseconds=milliseconds(attacker)) as made:
            made.open(NAME, PUSH)
            return made.receive()
    return case("refused clockAhead", "clock", prepare=prepare)(attack)


a_clock_ten_minutes_ahead = clock(lambda a: a.device.highest_time // 65_536 + 600_000)
a_clock_at_the_end_of_time = clock(lambda a: 2**64 - 1)


# Messages out of turn

def out_of_turn(line, *make):
    """A case of messages behind a greeting; each is made of an `Open` that is due."""
    def attack(attacker):
        with attacker.greeted() as made:
            due = messages.Open(1, NAME, PULL, bytes(32), None, attacker.device.collection(NAME).condition())
            for one in make:
                made.link.send(one(due))
            while True:
                made.receive()
    return case(VIOLATION, line)(attack)


a_channel_twice = out_of_turn("cannot be opened", lambda due: due, lambda due: due)
a_state_on_no_channel = out_of_turn(
    "not open", lambda due: messages.State(7, PULL, [], 0, [], [], due.condition, None))
records_before_begin = out_of_turn(
    "", lambda due: due._replace(directions=PUSH), lambda due: messages.Records(1, []))
done_on_no_channel = out_of_turn("not open", lambda due: messages.Done(1, {}, bytes(32), due.condition, 0))
hello_twice = out_of_turn("hello", lambda due: messages.Hello(1, 1, "x", bytes(16), "x", 0, [], []))
a_servers_message = out_of_turn("same", lambda due: messages.Same(1, due.condition))
speaking_for_an_office = out_of_turn("relay", lambda due: messages.Relay(bytes([1] * 16), "x", "office/rabat"))
asking_before_comparing = out_of_turn("", lambda due: messages.Ask(1, [(b"", b"", 1)]))


@case("refused busy", "under way", share=0.5)
def a_snapshot_on_every_channel(attacker):
    """Each would hold a connection to the database."""
    with attacker.greeted() as made:
        due = messages.Open(1, NAME, PULL, bytes(32), None, attacker.device.collection(NAME).condition())
        for number in range(1, 200):
            made.link.send(due._replace(channel=number))
        while isinstance(answer := made.receive(), messages.State):
            pass
        return answer


@case("fail busy", "too many of this identity", share=0.2, lines=17, quiet=True)
def more_sessions_than_an_identity_may_have(attacker):
    held = []
    try:
        while len(held) < 40:
            held.append(attacker.greeted())
        return "let in"
    finally:
        for one in held:
            one.made.link.close()


Hostile = suite(globals())
