#!/usr/bin/env python3
"""Takes out of a pcapng file what is no part of the conversation.

    trim.py FILE [--without-port PORT]…

Rewrites FILE without the recorder's hardware and operating system, without the packets of the connections that use one
of the ports, and without the statistics that would count those packets. All other bytes stay as they are.
"""

import argparse
import struct
from pathlib import Path

SECTION, INTERFACE, STATISTICS, PACKET = 0x0A0D0D0A, 1, 5, 6
# Options by block: what follows the block's fixed part, and the codes of hardware and operating system.
OPTIONS = {SECTION: (24, {2, 3}), INTERFACE: (16, {12, 15})}


def without_options(block, start, codes):
    at, kept = start, block[:start]
    while at + 4 <= len(block) - 4:
        code, size = struct.unpack_from("<HH", block, at)
        end = at + 4 + size + -size % 4
        if code not in codes:
            kept += block[at:end]
        at = end
    size = struct.pack("<I", len(kept) + 4)
    return kept[:4] + size + kept[8:] + size


def ports(packet):
    kind = packet[12:14]
    at = 14 + (packet[14] & 15) * 4 if kind == b"\x08\x00" else 54
    return set(struct.unpack_from(">HH", packet, at))


def trim(raw, unwanted):
    out, at = b"", 0
    while at < len(raw):
        kind, size = struct.unpack_from("<II", raw, at)
        block = raw[at : at + size]
        at += size
        if kind in OPTIONS:
            block = without_options(block, *OPTIONS[kind])
        if kind == STATISTICS or kind == PACKET and ports(block[28:]) & unwanted:
            continue
        out += block
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--without-port", type=int, action="append", default=[])
    arguments = parser.parse_args()
    arguments.file.write_bytes(trim(arguments.file.read_bytes(), set(arguments.without_port)))


if __name__ == "__main__":
    main()
