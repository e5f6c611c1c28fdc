#!/usr/bin/env python3
"""Prints what a capture holds: connections, heads, frames. A second opinion beside Framescope, in Python alone.

    look.py FILE…

Reads pcap and pcapng (also gzipped) of Ethernet with IPv4 or IPv6, and puts TCP streams together by sequence number.
"""

import gzip
import struct
import sys
import zlib
from dataclasses import dataclass, field
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent.parent / "tests" / "peers")]
import careful  # noqa: E402
import wire  # noqa: E402

OPCODES = {0: "continuation", 1: "text", 2: "binary", 8: "close", 9: "ping", 10: "pong"}
SYN = 2


def packets(raw):
    """The packets of a capture file, as bytes from the Ethernet header on."""
    if raw[:2] == b"\x1f\x8b":
        raw = gzip.decompress(raw)
    if raw[:4] == b"\x0a\x0d\x0d\x0a":
        order = "<" if raw[8:12] == b"\x4d\x3c\x2b\x1a" else ">"
        at = 0
        while at + 12 <= len(raw):
            kind, size = struct.unpack_from(order + "II", raw, at)
            if kind == 6:
                kept = struct.unpack_from(order + "I", raw, at + 20)[0]
                yield raw[at + 28 : at + 28 + kept]
            at += size
        return
    order = "<" if raw[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    at = 24
    while at + 16 <= len(raw):
        kept = struct.unpack_from(order + "I", raw, at + 8)[0]
        yield raw[at + 16 : at + 16 + kept]
        at += 16 + kept


@dataclass
class Side:
    segments: list = field(default_factory=list)  # (relative sequence number, bytes, packet number)
    base: int | None = None

    def stream(self):
        """The bytes in order, and how many of them came more than once or out of order."""
        out, again = bytearray(), 0
        expected = 0
        for at, data, _ in self.segments:
            again += at != expected
            expected = max(expected, at + len(data))
        for at, data, _ in sorted(self.segments):
            if at > len(out):
                raise ValueError(f"{at - len(out)} bytes are missing at {len(out)}")
            out[at : at + len(data)] = data
        return bytes(out), again


@dataclass
class Connection:
    client: tuple
    server: tuple
    sides: dict
    opened: bool

    def streams(self):
        return self.sides["client"].stream()[0], self.sides["server"].stream()[0]


def connections(raw):
    found = {}
    for number, data in enumerate(packets(raw), 1):
        if data[12:14] == b"\x08\x00":
            total = struct.unpack_from(">H", data, 16)[0]
            ip, tcp = data[14 : 14 + total], data[14 + (data[14] & 15) * 4 : 14 + total]
            ends = ip[12:16], ip[16:20]
        elif data[12:14] == b"\x86\xdd":
            total = struct.unpack_from(">H", data, 18)[0]
            tcp, ends = data[54 : 54 + total], (data[22:38], data[38:54])
        else:
            continue
        source, target, seq = struct.unpack_from(">HHI", tcp)
        flags, payload = tcp[13], tcp[(tcp[12] >> 4) * 4 :]
        here, there = (ends[0], source), (ends[1], target)
        key = frozenset((here, there))
        if key not in found or (flags & 18 == SYN and found[key].sides["client"].base not in (None, seq + 1)):
            # Without a SYN, the higher port is taken for the client's.
            begins = here if flags & 18 == SYN or source > target else there
            sides = {"client": Side(), "server": Side()}
            found[key] = Connection(begins, there if begins == here else here, sides, bool(flags & SYN))
        connection = found[key]
        side = connection.sides["client" if here == connection.client else "server"]
        if side.base is None:
            side.base = seq + 1 if flags & SYN else seq
        if payload:
            side.segments.append((seq - side.base & 0xFFFFFFFF, payload, number))
    return list(found.values())


def heads(data):
    """Splits HTTP messages off the front of a stream: (head, body) pairs and the rest, which is no HTTP."""
    out = []
    while data[:5] in (b"GET /", b"POST ", b"HTTP/", b"OPTIO", b"GET h", b"CONNE", b"HEAD "):
        end = data.find(b"\r\n\r\n")
        if end < 0:
            break
        head, data = wire.Head(data[: end + 4]), data[end + 4 :]
        size = int(head.get("Content-Length") or 0)
        if head.status in (101, 204, 304) or head.get("Sec-WebSocket-Key1"):
            size = 0  # also with Content-Length: 8, which some clients of hixie-76 announce their key 3 with
        if (head.get("Transfer-Encoding") or "").lower() == "chunked":
            last = data.find(b"0\r\n\r\n")
            size = last + 5 if last >= 0 else len(data)
        out.append((head, data[:size]))
        data = data[size:]
        if head.status == 101 or head.get("Upgrade"):
            break
    return out, data


def hybi(data):
    """The frames of a stream of hybi: (opcode, fin, rsv, mask, payload), and what is left over."""
    out, at = [], 0
    while at + 2 <= len(data):
        first, second = data[at : at + 2]
        size, here = second & 0x7F, at + 2
        if size >= 126:
            width = 2 if size == 126 else 8
            size, here = int.from_bytes(data[here : here + width], "big"), here + width
        mask = data[here : here + 4] if second & 0x80 else None
        here += 4 if mask is not None else 0
        if here + size > len(data):
            break
        payload = data[here : here + size]
        out.append((first & 15, first >> 7, first >> 4 & 7, mask, wire.xor(payload, mask) if mask else payload))
        at = here + size
    return out, data[at:]


def hixie(data):
    """The frames of a stream of hixie: (type, payload), and what is left over."""
    out = []
    while data:
        kind = data[0]
        if kind < 0x80:
            end = data.find(b"\xff")
            if end < 0:
                break
            out.append((kind, data[1:end]))
            data = data[end + 1 :]
        else:
            size, at = 0, 1
            while at < len(data) and data[at] & 0x80:
                size, at = size << 7 | data[at] & 0x7F, at + 1
            if at >= len(data) or len(data) < at + 1 + (size << 7 | data[at]):
                break
            size = size << 7 | data[at]
            out.append((kind, data[at + 1 : at + 1 + size]))
            data = data[at + 1 + size :]
    return out, data


def shown(payload):
    return f"{len(payload)} bytes {payload[:48]!r}{'…' if len(payload) > 48 else ''}"


def show(connection):
    client, server = connection.streams()
    asked, client_rest = heads(client)
    answered, server_rest = heads(server)
    # A proxy's CONNECT opens a tunnel: what is in it begins with a request of its own.
    request = asked[-1][0] if asked else None
    protocol = wire.protocol_of(request) if request else None
    response = answered[-1][0] if answered else None
    for who, rows in (("client", asked), ("server", answered)):
        for head, body in rows:
            print(f"  {who}: " + head.raw.decode("latin-1").strip().replace("\r\n", "\n          "))
            if body:
                print(f"          body: {shown(body)}")
    if protocol == "hixie-76":
        key3, client_rest, answer, server_rest = client_rest[:8], client_rest[8:], server_rest[:16], server_rest[16:]
        right = wire.answer76(request.get("Sec-WebSocket-Key1"), request.get("Sec-WebSocket-Key2"), key3) == answer
        print(f"  key3 {key3.hex()}, answer {answer.hex()}, right: {right}")
    for who, rest in (("client", client_rest), ("server", server_rest)):
        again = connection.sides[who].stream()[1]
        if again:
            print(f"  {who}: {again} segments out of order or sent again")
        if protocol in ("hixie-75", "hixie-76"):
            rows, rest = hixie(rest)
            for kind, payload in rows:
                print(f"  {who}: type {kind:02x} {shown(payload)}")
        elif protocol in ("hybi-7", "hybi-8", "rfc6455") and response is not None and response.status == 101 or not (asked or connection.opened):
            extensions = dict(careful.extensions(response)) if response else {}
            agreed = extensions.get("permessage-deflate")
            by_frame = any(name in extensions for name in ("deflate-frame", "x-webkit-deflate-frame"))
            rows, rest = hybi(rest)
            inflater = zlib.decompressobj(-15)
            packed = False
            for opcode, fin, rsv, mask, payload in rows:
                packed = bool(rsv & 4) if opcode in (1, 2) or by_frame else packed
                text = shown(payload)
                if packed and opcode < 8:
                    inflated = inflater.decompress(payload + (b"\0\0\xff\xff" if fin or by_frame else b""))
                    text = f"{len(payload)} bytes deflated, {shown(inflated)}"
                    if agreed is not None and f"{who}_no_context_takeover" in agreed and fin:
                        inflater = zlib.decompressobj(-15)
                name = OPCODES.get(opcode, f"opcode {opcode}")
                print(f"  {who}: {name} fin={fin} rsv={rsv:03b} mask={mask.hex() if mask else '-'} {text}")
        if rest:
            print(f"  {who}: rest {shown(rest)}")


def main():
    for name in sys.argv[1:]:
        print(f"== {name}")
        for connection in connections(Path(name).read_bytes()):
            print(f" {connection.client[1]} to {connection.server[1]}{'' if connection.opened else ', begun before the recording'}")
            show(connection)


if __name__ == "__main__":
    main()
