"""
A cable that is not a good one: `wire.py ONE OTHER DELAY_MS JITTER_MS LOSS DUPLICATED SEED`.

Makes two interfaces of these names, and passes each Ethernet frame from one to the other DELAY_MS later, or up to JITTER_MS
after that, so that frames overtake each other. LOSS and DUPLICATED are shares of one. Prints "ready" when both are there.
The kernel's own netem is missing on many machines where tests run.
"""
import fcntl
import heapq
import os
import random
import select
import struct
import sys
import time

TUNSETIFF = 0x400454CA
TAP_WITHOUT_HEADER = 0x0002 | 0x1000
FRAME_BYTES = 65_550
# What waits in each direction is bounded, as in any cable's buffer.
FRAMES_WAITING = 4_000


def interface(name):
    file = os.open('/dev/net/tun', os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(file, TUNSETIFF, struct.pack('16sH', name.encode(), TAP_WITHOUT_HEADER))
    return file


def write(file, frame):
    try:
        os.write(file, frame)
    except OSError:
        pass  # The interface is down: so is the cable.


def read(file):
    try:
        return os.read(file, FRAME_BYTES)
    except OSError:
        return None


def main():
    one, other = (interface(name) for name in sys.argv[1:3])
    delay, jitter, loss, duplicated = (float(word) for word in sys.argv[3:7])
    chance = random.Random(sys.argv[7])
    across = {one: other, other: one}
    waiting = []  # (when it is due, in which order it came, where to, the frame)
    count = 0
    print('ready', flush=True)
    while True:
        now = time.monotonic()
        while waiting and waiting[0][0] <= now:
            _, _, to, frame = heapq.heappop(waiting)
            write(to, frame)
        timeout = max(0, waiting[0][0] - now) if waiting else None
        for file in select.select([one, other], [], [], timeout)[0]:
            for _ in range(64):
                frame = read(file)
                if frame is None:
                    break
                copies = 0 if chance.random() < loss else 2 if chance.random() < duplicated else 1
                for _ in range(copies if len(waiting) < FRAMES_WAITING else 0):
                    count += 1
                    due = time.monotonic() + (delay + chance.random() * jitter) / 1000
                    heapq.heappush(waiting, (due, count, across[file], frame))


main()
