#!/usr/bin/env python3
"""Holds every packet of an NFQUEUE back for a time, and drops some: satellite.py QUEUE SECONDS LOSS SEED

Needs NetfilterQueue (`apt install libnetfilter-queue-dev`, `pip install NetfilterQueue`) and root.
"""
import collections
import random
import select
import sys
import time

from netfilterqueue import NetfilterQueue


def main():
    number, delay, loss = int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])
    chance = random.Random(int(sys.argv[4]))
    held = collections.deque()

    def take(packet):
        if chance.random() < loss:
            packet.drop()
            return
        packet.retain()
        held.append((time.monotonic() + delay, packet))

    queue = NetfilterQueue()
    queue.bind(number, take, 4096)
    print("ready", flush=True)
    while True:
        wait = max(0, held[0][0] - time.monotonic()) if held else None
        if select.select([queue.get_fd()], [], [], wait)[0]:
            queue.run(block=False)
        while held and held[0][0] <= time.monotonic():
            held.popleft()[1].accept()


if __name__ == "__main__":
    main()
