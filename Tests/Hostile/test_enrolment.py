"""Strangers at the counter for devices that have no certificate yet."""

import secrets

import openssl
from arena import ENROLMENT, messages
from cases import case, suite
from officesync import primitives

CODES = {1: "unknown", 5: "tooMany", 7: "unsuitable", 8: "violation"}


def shown(attacker):
    """A connection of a stranger, who has a key and a certificate that nobody signed."""
    attacker.odd = getattr(attacker, "odd", None) or openssl.authority(attacker.arena, f"of-{attacker.name}")
    return attacker.tls(certificate=(attacker.odd + ".pem", attacker.odd + ".key"), alpn=ENROLMENT)


def asking(attacker, *frames):
    """The office's last word."""
    connection, buffer, word = shown(attacker), b"", "closed"
    try:
        for data in frames:
            connection.sendall(data)
        while True:
            while split := messages.split_frame(buffer, 1 << 16):
                type_, body, buffer = split
                if type_ == 4:
                    word = CODES.get(primitives.Reader(body).varint(), "another")
            if not (data := connection.recv(65_536)):
                return word
            buffer += data
    finally:
        connection.close()


def application(secret=None, pin="", software="x"):
    return messages.frame(2, (secret or secrets.token_bytes(16)) + primitives.text(pin) + primitives.text(software))


@case(("unknown", "tooMany"), "no such token", later=("tooMany",))
def a_token_that_was_guessed(attacker):
    return asking(attacker, application())


@case(("unknown", "tooMany"), "no such token", later=("tooMany",))
def a_token_of_a_program_with_an_odd_name(attacker):
    return asking(attacker, application(software="x\x1b[2J\r\nnotice enrolled"))


@case("violation", "enrolment broken off")
def an_application_without_a_secret(attacker):
    return asking(attacker, messages.frame(2, b"\1\2\3"))


@case("violation", "enrolment broken off")
def a_message_that_is_none(attacker):
    return asking(attacker, messages.frame(0x41, bytes(100)))


@case("violation", "enrolment broken off")
def an_application_above_4_kibibytes(attacker):
    return asking(attacker, (4_097).to_bytes(4, "big") + b"\2" + bytes(5_000))


@case("violation", "enrolment broken off")
def a_session_by_the_strangers_protocol(attacker):
    return asking(attacker, messages.encode(messages.Hello(1, 1, "x", bytes(16), "x", 0, [], [])))


@case("left", "enrolment broken off")
def a_stranger_who_leaves(attacker):
    shown(attacker).close()
    return "left"


Hostile = suite(globals())
