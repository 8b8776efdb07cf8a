"""What a field device pushes that it may not."""

import secrets

from arena import NAME, PULL, codec, link, merge, messages, session, stream
from cases import case, suite
from officesync import primitives
from officesync.values import Value, integer, text

FUTURE = 2**64 - 3
MINUTE = 60_000 << 16


def ready(attacker):
    attacker.prepare()


def office(attacker):
    """The office's replica ID, as the device knows it from the record that it holds."""
    return next(iter(attacker.device.record(NAME, "hub").clock))


def pushing(expected, line, **options):
    """A case whose function makes the entries of a push."""
    def decorate(make):
        return case(expected, line, prepare=ready, untouched=True, **options)(lambda attacker: attacker.push(*make(attacker)))
    return decorate


def malformed(make):
    return pushing("fail protocolViolation", "malformed")(make)


def named(attacker, path="status", id="hub", content=None):
    return [attacker.entry(attacker.own(**{path: content or text("x")})[0], id)]


# Others' names

@pushing("notOwn", "turnedDown=1")
def a_write_of_another_device(attacker):
    return [attacker.entry(attacker.own(author="field/amina")[0])]


@pushing("notOwn", "turnedDown=1")
def a_write_of_an_office(attacker):
    return [attacker.entry(attacker.own(author="office/casablanca")[0])]


@pushing("notOwn", "turnedDown=1")
def a_value_under_the_offices_dot(attacker):
    record, _ = attacker.own()
    forged = (office(attacker), record.clock[office(attacker)])
    record.fields["jobs"] = {forged: integer(1)}
    record.writes[forged] = codec.Write(attacker.identity, 1)
    return [attacker.entry(record)]


@pushing("notOwn", "turnedDown=1")
def a_value_of_the_offices_passed_on(attacker):
    held = attacker.device.record(NAME, "hub")
    dot = (attacker.device.replica, 1)
    write = codec.Write(attacker.identity, attacker.device.highest_time + 1)
    return [attacker.entry(merge.written(held, dot, write, {"note": text("x")}))]


@pushing("notOwn", "turnedDown=1")
def a_value_of_a_replica_nobody_knows(attacker):
    record, _ = attacker.own()
    stranger = (secrets.token_bytes(16), 1)
    record.fields["jobs"] = {stranger: integer(1)}
    record.writes[stranger] = codec.Write(attacker.identity, 1)
    record.clock[stranger[0]] = 1
    return [attacker.entry(record)]


@case("notOwn", "turnedDown=1", prepare=ready)
def a_whole_record_of_the_offices(attacker):
    """Its own clock aside, which has to be there to send it for."""
    record = merge.written(
        attacker.device.record(NAME, "hub"), (attacker.device.replica, 1),
        codec.Write("office/casablanca", 1), {"status": text("forged")})
    return attacker.push(attacker.entry(record))


# What offices alone write

@pushing("reserved", "turnedDown=1")
def a_schema(attacker):
    return named(attacker, "fields/status/type", "$schema")


@pushing("reserved", "turnedDown=1")
def a_record_of_a_later_version(attacker):
    return named(attacker, id="$later")


@pushing("reserved", "turnedDown=1")
def a_purge(attacker):
    record, _ = attacker.own()
    record.erased = {r: n for r, n in record.clock.items() if r != attacker.device.replica}
    record.fields = {path: {dot: c for dot, c in siblings.items() if c != codec.WITHHELD}
                     for path, siblings in record.fields.items()}
    record.prune()
    return [attacker.entry(record)]


@case("refused notAllowed", "own collection", prepare=ready)
def a_record_of_the_offices_own_collection(attacker):
    with attacker.greeted() as made:
        made.open("$office", session.PUSH)
        return made.receive()


@case("refused notAllowed", "no grant lets", prepare=ready)
def a_record_where_it_may_only_read(attacker):
    with attacker.greeted() as made:
        made.open("large", session.PUSH)
        return made.receive()


# Equal dots with other contents

def accepted(attacker):
    ready(attacker)
    attacker.first, _ = attacker.own(id=f"mine-{attacker.name}")
    assert attacker.push(attacker.entry(attacker.first, f"mine-{attacker.name}")).applied == 1


def again(attacker, **changes):
    write = dict(time=attacker.first.writes[(attacker.device.replica, 1)].time)
    record, _ = attacker.own(id=f"mine-{attacker.name}", **(write | changes))
    return attacker.push(attacker.entry(record, f"mine-{attacker.name}"))


@case("contradiction", "turnedDown=1", prepare=accepted)
def equal_dots_with_another_content(attacker):
    return again(attacker, status=text("y"))


@case("contradiction", "turnedDown=1", prepare=accepted)
def equal_dots_with_another_time(attacker):
    return again(attacker, time=attacker.device.highest_time + 77)


@case(("contradiction", "nothing"), "", prepare=accepted, quiet=True)
def equal_dots_with_another_field(attacker):
    return again(attacker, status=text("x"), other=text("x"))


# Clocks and counters

@pushing("deferred", "withheld=1")
def a_clock_of_what_the_office_never_saw(attacker):
    record, _ = attacker.own()
    record.clock[secrets.token_bytes(16)] = 7
    return [attacker.entry(record)]


@pushing("deferred", "withheld=1")
def a_clock_of_the_offices_future(attacker):
    record, _ = attacker.own()
    record.clock[office(attacker)] = 2**53 - 1
    return [attacker.entry(record)]


@pushing("deferred", "withheld=1")
def a_time_at_the_end_of_time(attacker):
    return [attacker.entry(attacker.own(time=FUTURE)[0])]


@pushing("deferred", "withheld=1")
def a_time_that_is_ten_minutes_off(attacker):
    return [attacker.entry(attacker.own(time=attacker.device.highest_time + 10 * MINUTE)[0])]


@malformed
def a_clock_that_does_not_cover_its_own_writes(attacker):
    record, dot = attacker.own(counter=9)
    record.clock[dot[0]] = 1
    return [attacker.entry(record)]


@malformed
def a_counter_of_2_to_the_53(attacker):
    return [attacker.entry(attacker.own(counter=2**53)[0])]


@malformed
def a_counter_of_2_to_the_64(attacker):
    return [attacker.entry(attacker.own(counter=2**64 - 1)[0])]


@malformed
def a_clock_index_that_is_none(attacker):
    return [attacker.entry(attacker.own()[0])._replace(clock_index=99)]


# Names and values

@malformed
def control_characters_in_an_id(attacker):
    return named(attacker, id="a\x1b[2J\r\nb")


@malformed
def control_characters_in_a_path(attacker):
    return named(attacker, "a\x1b[2J\r\nb")


@malformed
def control_characters_of_the_second_kind(attacker):
    return named(attacker, "a\x9b2J")


@malformed
def an_id_that_is_no_text(attacker):
    return named(attacker, id=b"\xff\xfe\xc0\xaf")


@malformed
def an_id_of_129_bytes(attacker):
    return named(attacker, id="a" * 129)


@malformed
def a_path_of_33_segments(attacker):
    return named(attacker, "/".join("a" * 33))


@malformed
def a_path_that_is_reserved(attacker):
    return named(attacker, "$later")


@malformed
def a_path_that_is_not_in_nfc(attacker):
    return named(attacker, "e\u0301te")


@malformed
def a_text_over_the_limit(attacker):
    return named(attacker, content=text("a" * 65_537))


@malformed
def lists_nested_33_deep(attacker):
    deep = integer(1)
    for _ in range(33):
        deep = Value("list", [deep])
    return named(attacker, content=deep)


@malformed
def a_number_that_is_none(attacker):
    return named(attacker, content=Value("double", float("nan")))


@malformed
def a_write_of_1025_paths(attacker):
    return [attacker.entry(attacker.own(**{f"p{n}": integer(n) for n in range(1_025)})[0])]


@malformed
def bytes_behind_a_record(attacker):
    entry = attacker.entry(attacker.own()[0])
    return [entry._replace(record=entry.record + b"\0")]


@malformed
def a_number_longer_than_it_need_be(attacker):
    entry = attacker.entry(attacker.own()[0])
    return [entry._replace(record=bytes([entry.record[0] | 0x80, 0]) + entry.record[1:])]


@malformed
def a_count_that_cannot_be(attacker):
    entry = attacker.entry(attacker.own()[0])
    return [entry._replace(record=primitives.varint(2**40) + entry.record[1:])]


# Streams

@case("fail protocolViolation", "order", prepare=ready)
def records_out_of_order(attacker):
    late, _ = attacker.own(counter=2)
    return attacker.push(attacker.entry(late, "later"), attacker.entry(attacker.own()[0]))


@case("fail protocolViolation", "resum", prepare=ready)
def a_stream_that_resumes_nothing(attacker):
    return attacker.push(attacker.entry(attacker.own()[0]), begin={"resumed": 1})


@case("fail protocolViolation", "announced", prepare=ready)
def fewer_records_than_were_announced(attacker):
    return attacker.push(done={"records_sent": 3})


@case("fail protocolViolation", "", prepare=ready)
def a_part_that_never_ends(attacker):
    with attacker.greeted() as made:
        channel = made.open(NAME, session.PUSH)
        made.receive()
        channel._send_state()
        made.link.send(messages.Begin(1, bytes(16), 0, 1))
        for _ in range(20):
            made.link.send(messages.Part(1, messages.PART_REMAINING_MAX, bytes(1_000)))
        return made.receive()


@case("nothing", "", prepare=ready, quiet=True)
def stamps_of_the_office(attacker):
    """They are passed over."""
    stamp = (2**40 + attacker.count, secrets.token_bytes(16))
    return attacker.push(runs=[(office(attacker), None, [stamp])])


def unchanged(attacker, answer):
    """Nothing came of what was claimed: the office knows what it knew."""
    known = attacker.arena.status(NAME, "syncserver")["knowledge"]
    assert known.get(office(attacker).hex(), 0) < 2**40, known
    return answer


@case("nothing", "", prepare=ready, quiet=True)
def knowledge_of_the_offices_future(attacker):
    """`Done` says so, and is believed of the device's own alone."""
    answer = attacker.push(done={"knowledge": {office(attacker): 2**53 - 1}})
    return unchanged(attacker, answer) if attacker.count == 1 else answer


def claiming(known=(), ended=()):
    def state(made, channel):
        held = channel.held
        rows = [(origin, held.knowledge.get(origin, 0), stamps[-1], None)
                for origin, stamps in held.stamps.items()]
        rows = [row for row in rows if row[0] not in {one[0] for one in known}] + list(known)
        made.send(messages.State(
            1, channel.directions, sorted(rows), 0, [], sorted(ended), held.condition(), None))
    return state


@case(("again", "fork"), "", prepare=ready, later=("fail busy",), quiet=True, lines=3)
def a_stamp_that_the_office_never_made(attacker):
    """The office steps aside, as if it had been put back from a copy; but not for ever."""
    stamp = (2**40 + attacker.count, secrets.token_bytes(16))
    return attacker.push(state=claiming(known=[(welcome(attacker), 2**40, stamp, None)]))


def welcome(attacker):
    with attacker.greeted() as made:
        return made.welcome.replica


@case("nothing", "", prepare=ready, quiet=True)
def the_end_of_the_offices_replica_id(attacker):
    stamp = (1, secrets.token_bytes(16))
    return attacker.push(state=claiming(ended=[(office(attacker), stamp, 1)]))


@case("nothing", "", prepare=ready, quiet=True)
def the_end_of_another_devices_replica_id(attacker):
    stamp = (1, secrets.token_bytes(16))
    return attacker.push(state=claiming(ended=[(attacker.arena.amina.replica, stamp, 1)]))


Hostile = suite(globals())
