#!/usr/bin/env python3
"""Runs a program on a terminal of its own and passes on what it shows there.

  terminal.py COLUMNS PROGRAM ARGUMENT …    standard input is what is typed
"""
import fcntl
import os
import pty
import struct
import sys
import termios

columns, *command = sys.argv[1:]
typed = sys.stdin.buffer.read()
process, terminal = pty.fork()
if process == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, int(columns), 0, 0))
    os.execvp(command[0], command)
os.write(terminal, typed)
shown = b""
while True:
    try:
        chunk = os.read(terminal, 65536)
    except OSError:  # what Linux says when the program has gone
        break
    if not chunk:
        break
    shown += chunk
sys.stdout.buffer.write(shown)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]))
