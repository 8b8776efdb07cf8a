"""Certificates that somebody signed who should not have, or that say what they should not."""

import time

import openssl
from arena import last_words, link, messages, session
from cases import case, suite

FIELD = "officesync://field/"


def shown(attacker, credentials):
    """What the server makes of them."""
    connection = attacker.tls(certificate=credentials, alpn="officesync/1")
    return "closed" if last_words(connection) == b"" else "answered"


def odd(expected, line, **options):
    """A case whose function gives the certificate, which is made once."""
    def decorate(make):
        def attack(attacker):
            attacker.odd = getattr(attacker, "odd", None) or make(attacker)
            return shown(attacker, attacker.odd)
        return case(expected, line, **options)(attack)
    return decorate


def made(attacker, uris, **options):
    return openssl.certificate(attacker.arena, attacker.name, uris, **options)


def own(attacker):
    return [FIELD + attacker.name]


REFUSED = "alert SSLV3_ALERT_BAD_CERTIFICATE"
UNKNOWN = "alert TLSV1_ALERT_UNKNOWN_CA"
DENIED = "alert SSLV3_ALERT_HANDSHAKE_FAILURE"


@odd(UNKNOWN, "authority")
def of_another_authority(attacker):
    return made(attacker, own(attacker), issuer=openssl.authority(attacker.arena, "another"))


@odd(UNKNOWN, "authority")
def of_another_authority_with_the_same_subject(attacker):
    same = openssl.subject(attacker.arena.path("ca", "ca.pem"))
    return made(attacker, own(attacker), issuer=openssl.authority(attacker.arena, "same", same))


@odd(UNKNOWN, "authority")
def self_signed(attacker):
    path = openssl.authority(attacker.arena, "alone", "/CN=alone")
    return path + ".pem", path + ".key"


@odd(REFUSED, "URI")
def with_two_identities(attacker):
    return made(attacker, own(attacker) + ["officesync://office/casablanca"])


@odd(REFUSED, "URI")
def with_a_thousand_identities(attacker):
    return made(attacker, [f"{FIELD}d{number}" for number in range(1_000)])


@odd(REFUSED, "URI")
def without_a_name(attacker):
    return made(attacker, [])


@odd(REFUSED, "URI")
def with_a_host_name_alone(attacker):
    return made(attacker, [], more="DNS.1=rabat.example.ma")


@odd(DENIED, "")
def with_the_uri_of_a_web_page(attacker):
    return made(attacker, ["https://example.ma/field/amina"])


@odd(DENIED, "")
def with_a_name_that_climbs(attacker):
    return made(attacker, ["officesync://field/../office/casablanca"])


@odd(DENIED, "")
def with_an_upper_case_name(attacker):
    return made(attacker, ["officesync://field/Amina"])


@odd(DENIED, "")
def with_control_characters_in_the_name(attacker):
    return made(attacker, ["officesync://field/amina\x1b[2J"])


@odd(DENIED, "")
def with_a_huge_name(attacker):
    return made(attacker, [FIELD + "a" * 20_000])


@odd(("cut", "closed", "alert SSLV3_ALERT_ILLEGAL_PARAMETER"), "")
def larger_than_a_handshake_may_be(attacker):
    return made(attacker, own(attacker), more=" ".join(f"DNS.{n}={'a' * 60}{n}" for n in range(3_000)))


@odd("alert SSLV3_ALERT_UNSUPPORTED_CERTIFICATE", "")
def for_a_server_alone(attacker):
    return made(attacker, own(attacker), usage="serverAuth")


@odd((REFUSED, UNKNOWN), "")
def at_the_end_of_a_chain_too_long(attacker):
    arena, issuer, between = attacker.arena, attacker.arena.path("ca", "ca"), []
    for number in range(7):
        issuer = openssl.authority(arena, f"link{number}", f"/CN=Link {number}", issuer=issuer)
        between.append(issuer)
    leaf = made(attacker, own(attacker), issuer=issuer)
    openssl.chain(leaf[0], *reversed(between))
    return leaf


@odd("alert SSLV3_ALERT_CERTIFICATE_UNKNOWN", "may not")
def of_an_office_by_an_authority_for_devices(attacker):
    arena = attacker.arena
    issuer = openssl.authority(arena, "devices", "/CN=Devices", issuer=arena.path("ca", "ca"),
                               constraints="permitted;URI:field")
    leaf = made(attacker, ["officesync://office/casablanca"], issuer=issuer)
    openssl.chain(leaf[0], issuer)
    return leaf


@odd("alert SSLV3_ALERT_CERTIFICATE_REVOKED", "revoked")
def that_was_revoked(attacker):
    found = attacker.credentials()[:2]
    attacker.arena.syncserver("pki", "revoke", "--dir", attacker.arena.path("ca"), attacker.identity)
    mark = attacker.arena.end_of_log()
    attacker.arena.server.send_signal(1)
    while not any("read anew" in line for line in attacker.arena.lines_since(mark)):
        pass
    return found


DAY = 86_400


@odd("alert SSLV3_ALERT_CERTIFICATE_EXPIRED", "expired")
def that_has_expired(attacker):
    return made(attacker, own(attacker), span=(time.time() - 30 * DAY, time.time() - DAY))


@odd("alert SSLV3_ALERT_CERTIFICATE_EXPIRED", "expired")
def that_expired_a_moment_ago(attacker):
    return made(attacker, own(attacker), span=(time.time() - DAY, time.time() - 2))


@odd(REFUSED, "begins on")
def that_is_not_valid_yet(attacker):
    return made(attacker, own(attacker), span=(time.time() + DAY, time.time() + 2 * DAY))


@case("fail notTrusted", "expired", share=0.02)
def that_ends_while_the_session_is_open(attacker):
    """Each time a new one, for a few seconds."""
    found = made(attacker, own(attacker), span=(time.time() - DAY, time.time() + 3))
    context = link.context(*found, attacker.credentials()[2])
    with link.Link(attacker.arena.address, context, source=attacker.host) as connection:
        opened = session.Session(connection, attacker.device)
        opened.hello()
        assert isinstance(opened.read_welcome(), messages.Welcome)
        # It is not silent meanwhile, and watches.
        connection.send(messages.Watch(["quiet"]))
        while True:
            opened.receive()


@case("refused notAllowed", "offices' own collection")
def of_a_device_with_an_offices_host_name(attacker):
    """It is a device all the same."""
    attacker.odd = getattr(attacker, "odd", None) or made(attacker, own(attacker), more="DNS.1=casablanca IP.1=127.0.0.1")
    context = link.context(*attacker.odd, attacker.credentials()[2])
    with link.Link(attacker.arena.address, context, source=attacker.host) as connection:
        opened = session.Session(connection, attacker.device)
        opened.hello()
        opened.open("$office", session.PULL)
        assert isinstance(opened.read_welcome(), messages.Welcome)
        return opened.receive()


Hostile = suite(globals())
