#!/usr/bin/env python3
"""Runs a program on a terminal of its own and passes on what it shows there.

  terminal.py COLUMNS PROGRAM ARGUMENT …    standard input is what is typed: a line for each question
"""
import fcntl
import os
import pty
import struct
import sys
import termios

columns, *command = sys.argv[1:]
lines = sys.stdin.buffer.readlines()
process, terminal = pty.fork()
if process == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, int(columns), 0, 0))
    os.execvp(command[0], command)
shown = b""
while True:
    try:
        chunk = os.read(terminal, 65536)
    except OSError:  # what Linux says when the program has gone
        break
    if not chunk:
        break
    shown += chunk
    # What is typed before a secret is asked for is thrown away there.
    if lines and shown.endswith(b" "):
        os.write(terminal, lines.pop(0))
sys.stdout.buffer.write(shown)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]))
