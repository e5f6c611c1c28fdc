"""Exhibits that no mistake of a WebSocket peer makes: other protocols, and recordings that are damaged."""

from dataclasses import dataclass

import careful
import pcapng
import wire


@dataclass
class Room:
    name: str
    role: str
    expected: list
    sent: str
    look: str
    serve: object
    connect: object
    spoil: object = None  # packets, comment -> the file, when it is not simply written
    proof: object = None  # the file -> whether it shows what it should

    def make(self, between, recorder, comment):
        packets = between(self.serve, self.connect, recorder)
        return self.spoil(packets, comment) if self.spoil else pcapng.write(packets, comment)

    def check(self, raw):
        return [] if self.proof(raw) else ["does not show what its label says"]


def good_server(link):
    careful.serve(link, {})


def good_client(link, url):
    careful.connect(link, url, "rfc6455", {"say": ["Hello", "a second message"], "linger": 0.05})


# --- another protocol --------------------------------------------------------------------------------------------


def records(tag, *values):
    """A made-up binary protocol: a tag, a big-endian length, the value."""
    return b"".join(bytes([tag]) + len(value).to_bytes(2, "big") + value for value in values)


def binary_server(link):
    link.take(1)
    link.send(records(0xB2, b"ready"))
    link.drain(1.0)
    link.hang_up()


def binary_client(link, _url):
    link.send(records(0xA1, b"begin", bytes(range(16))))
    link.take(1)
    link.send(records(0xA3, b"end"))
    link.hang_up()


def is_binary(raw):
    client, server, _, _ = pcapng.streams(pcapng.read(raw))
    return client.startswith(b"\xa1\x00\x05begin\xa1\x00\x10") and server == b"\xb2\x00\x05ready"


# --- damaged recordings ------------------------------------------------------------------------------------------

SNAP = 96


def cut_packets(packets, comment):
    return pcapng.write([p._replace(data=p.data[:SNAP]) for p in packets], comment)


def cut_file(packets, comment):
    whole = pcapng.write(packets, comment)
    return whole[: len(whole) - 40]


def begin_late(packets, comment):
    """Leaves out everything up to the packet with the 101."""
    at = next(i for i, p in enumerate(packets) if b"HTTP/1.1 101" in p.data)
    return pcapng.write(packets[at + 2 :], comment)


SECOND = wire.frame(wire.TEXT, b"a second message", wire.MASK)


def at_second(packets):
    """Where the packet with the client's second message is."""
    return next(i for i, p in enumerate(packets) if SECOND in p.data)


def lose_one(packets, comment):
    """Leaves out the packet with the client's second message."""
    return pcapng.write([p for p in packets if SECOND not in p.data], comment)


def with_checksum(ip):
    """An IPv4 packet with its header's checksum made anew."""
    head = ip[:10] + bytes(2) + ip[12:20]
    words = sum(int.from_bytes(head[i : i + 2], "big") for i in range(0, 20, 2))
    while words >> 16:
        words = (words & 0xFFFF) + (words >> 16)
    return ip[:10] + (~words & 0xFFFF).to_bytes(2, "big") + ip[12:]


def with_datagram(packets, comment):
    """Puts a UDP datagram between the packets of the connection."""
    payload = b"not TCP"
    udp = (5353).to_bytes(2, "big") * 2 + (8 + len(payload)).to_bytes(2, "big") + bytes(2) + payload
    ip = bytes.fromhex("4500") + (20 + len(udp)).to_bytes(2, "big") + bytes.fromhex("000040004011") + bytes(2) + bytes([127, 0, 0, 1] * 2)
    data = bytes(12) + b"\x08\x00" + with_checksum(ip) + udp
    return pcapng.write([packets[0], pcapng.Packet(packets[0].time, data, len(data)), *packets[1:]], comment)


def lose_fragment(packets, comment):
    """Writes the packet with the client's second message as two IP fragments and leaves out the second."""
    at = at_second(packets)
    ethernet, ip = packets[at].data[:14], packets[at].data[14:]
    size = 20 + 40  # the IP header and 40 of the bytes behind it; a fragment's size is a multiple of 8
    first = ip[:2] + size.to_bytes(2, "big") + ip[4:6] + b"\x20\x00" + ip[8:size]
    data = ethernet + with_checksum(first)
    return pcapng.write([*packets[:at], pcapng.Packet(packets[at].time, data, len(data)), *packets[at + 1 :]], comment)


def contradict(packets, comment):
    """Puts the packet with the client's second message there twice, the second time with another last byte."""
    at = at_second(packets)
    again = packets[at]._replace(data=packets[at].data[:-1] + bytes([packets[at].data[-1] ^ 1]))
    return pcapng.write([*packets[: at + 1], again, *packets[at + 1 :]], comment)


def bad_header(packets, comment):
    """Puts a packet there whose IPv4 header claims to be four bytes long; five words are the least."""
    bad = packets[0].data[:14] + b"\x41" + packets[0].data[15:]
    return pcapng.write([packets[0], pcapng.Packet(packets[0].time, bad, len(bad)), *packets[1:]], comment)


def before_packets(raw, extra):
    """`extra` between the interface's description and the first packet."""
    at = sum(list(block_sizes(raw))[:2])
    return raw[:at] + extra + raw[at:]


def local_block(packets, comment):
    return before_packets(pcapng.write(packets, comment), pcapng.block(0x80000001, b"a block for local use   "))


def damage(packets, comment):
    """Overwrites the length at the end of the sixth packet's block."""
    raw = pcapng.write(packets, comment)
    end = sum(list(block_sizes(raw))[:8])
    return raw[: end - 4] + b"\xde\xad\xbe\xef" + raw[end:]


def fine_clock(packets, comment):
    """Gives the times in units of 2^-32 seconds, a quarter of a nanosecond."""
    raw = pcapng.write([p._replace(time=(p.time << 32) // 1_000_000 | 1) for p in packets], comment)
    return raw.replace(bytes.fromhex("0900010006000000"), bytes.fromhex("09000100a0000000"), 1)


def unknown_link(packets, comment):
    """Says that the interface has a link type of private use, so that no reader can know what the bytes are."""
    return pcapng.write(packets, comment, link_type=147)


ROOMS = [
    Room(
        "unknown-binary", "nobody", ["stream.unparsed"],
        "A made-up binary protocol: a tag, a length of two bytes, a value",
        "No byte of it is a WebSocket. A reader says that it does not know, and guesses nothing",
        binary_server, binary_client, proof=is_binary,
    ),
    Room(
        "recording-packets-cut", "recorder", ["capture.packet.cut"],
        f"A good conversation of which the recorder kept {SNAP} bytes of each packet",
        "The captured length against the length on the wire; the handshake's end is lost",
        good_server, good_client, cut_packets,
        lambda raw: any(len(p.data) == SNAP < p.length for p in pcapng.read(raw)),
    ),
    Room(
        "recording-file-cut", "recorder", ["capture.file.cut"],
        "A good conversation in a file that lost its last 40 bytes",
        "The last block announces more bytes than the file has; everything before it can be read",
        good_server, good_client, cut_file,
        lambda raw: (lambda n: 0 < n)(len(pcapng.read(raw))) and sum(block_sizes(raw)) > len(raw),
    ),
    Room(
        "recording-begins-inside", "recorder", ["stream.begins-inside", "stream.guess"],
        "A good conversation that was recorded from after the handshake on",
        "No SYN and no handshake: that these bytes are frames is a guess, though a good one",
        good_server, good_client, begin_late,
        lambda raw: not any(s.flags & pcapng.SYN or b"HTTP/" in s.payload for s in pcapng.segments(pcapng.read(raw))),
    ),
    Room(
        "recording-packet-missing", "recorder", ["stream.gap"],
        "A good conversation of which one packet was not recorded",
        "The client's second message is not there, but the server's echo of it is: the gap is in the recording only",
        good_server, good_client, lose_one,
        lambda raw: wire.frame(1, b"a second message") in raw and wire.frame(1, b"a second message", wire.MASK) not in raw,
    ),
    Room(
        "recording-not-tcp", "recorder", ["capture.packet.not-tcp"],
        "A good conversation with a UDP datagram among its packets (made by hand)",
        "The second packet: counted, and passed over",
        good_server, good_client, with_datagram,
        lambda raw: [p.data[23] for p in pcapng.read(raw)][:3] == [6, 17, 6],
    ),
    Room(
        "recording-fragment-missing", "recorder", ["capture.ip.fragment-missing"],
        "A good conversation in which one packet was sent as two IP fragments, and the second was not recorded (made by hand)",
        "The packet with ‘more fragments’ set: 40 bytes of TCP, and nothing that completes them",
        good_server, good_client, lose_fragment,
        lambda raw: [p.data[20:22] for p in pcapng.read(raw)].count(b"\x20\x00") == 1,
    ),
    Room(
        "recording-overlap", "recorder", ["tcp.overlap.differs"],
        "A good conversation in which a segment comes twice, with different last bytes (made by hand)",
        "Two segments with one sequence number. The first was the real one; the second ends in another letter",
        good_server, good_client, contradict,
        lambda raw: sum(p.data[-len(SECOND) : -1] == SECOND[:-1] for p in pcapng.read(raw)) == 2,
    ),
    Room(
        "recording-bad-header", "recorder", ["capture.packet.malformed"],
        "A good conversation with a packet whose IPv4 header claims four bytes (made by hand)",
        "The second packet: its first IP byte is 41, version 4 and one word of header; the least is five",
        good_server, good_client, bad_header,
        lambda raw: [p.data[14] for p in pcapng.read(raw)][:3] == [0x45, 0x41, 0x45],
    ),
    Room(
        "recording-block-unknown", "recorder", ["capture.block.unknown"],
        "A good conversation with a block for local use in the file (made by hand)",
        "The block of type 80000001 before the first packet: passed over by its length",
        good_server, good_client, local_block,
        lambda raw: (0x80000001).to_bytes(4, "little") in raw,
    ),
    Room(
        "recording-damaged", "recorder", ["capture.file.damaged"],
        "A good conversation in a file whose sixth packet's block has a wrong length at its end (made by hand)",
        "A block says its length twice; here the second is de ad be ef. What stands before it can be read",
        good_server, good_client, damage,
        lambda raw: raw.count(b"\xde\xad\xbe\xef") == 1,
    ),
    Room(
        "recording-fine-clock", "recorder", ["capture.time.precision"],
        "A good conversation whose times are counted in 2^-32 seconds (made by hand from microseconds)",
        "The interface's if_tsresol is a0: the high bit says powers of two, and 32 of them make a quarter of a nanosecond",
        good_server, good_client, fine_clock,
        lambda raw: bytes.fromhex("09000100a0000000") in raw and all(p.time & 1 for p in pcapng.read(raw)),
    ),
    Room(
        "recording-link-type", "recorder", ["capture.link-type.unknown"],
        "A good conversation in a file that gives its interface the link type 147, USER0",
        "The interface's block; what a packet of private use begins with, nobody outside can know",
        good_server, good_client, unknown_link,
        lambda raw: (147).to_bytes(2, "little") in raw[: raw.index(b"lo\x00\x00")],
    ),
]


def block_sizes(raw):
    at = 0
    while at + 8 <= len(raw):
        size = int.from_bytes(raw[at + 4 : at + 8], "little")
        yield size
        at += size
