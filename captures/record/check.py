#!/usr/bin/env python3
"""Checks what captures/README.md says about each capture, with the reader of look.py and nothing of Framescope.

Prints a line for each claim that does not hold, and exits 1 if there is one.
"""

import base64
import hashlib
import sys
import zlib
from pathlib import Path

import look
import wire

HERE = Path(__file__).resolve().parent.parent


class Capture:
    """A capture as the claims speak of it."""

    def __init__(self, name):
        self.raw = (HERE / name).read_bytes()
        self.packets = list(look.packets(self.raw))
        self.connections = look.connections(self.raw)

    def payload(self, number):
        """The TCP payload of a packet, counted from 1."""
        for connection in self.connections:
            for side in connection.sides.values():
                for _, data, packet in side.segments:
                    if packet == number:
                        return data
        return b""

    def streams(self, n=1):
        return self.connections[n - 1].streams()

    def head(self, who, n=1, at=-1):
        return look.heads(self.streams(n)[who == "server"])[0][at][0]

    def rest(self, who, n=1):
        """What follows the heads, and the handshake's bytes of hixie-76."""
        found, data = look.heads(self.streams(n)[who == "server"])
        if found and wire.protocol_of(self.head("client", n)) == "hixie-76":
            data = data[16 if who == "server" else 8 :]
        return data

    def hybi(self, who, n=1):
        return look.hybi(self.rest(who, n))[0]

    def hixie(self, who, n=1):
        return look.hixie(self.rest(who, n))[0]

    def proof(self, n=1):
        """Whether the server's proof is right: the accept value, or the 16 bytes of hixie-76."""
        request, response = self.head("client", n), self.head("server", n)
        if wire.protocol_of(request) == "hixie-76":
            key3 = look.heads(self.streams(n)[0])[1][:8]
            answer = look.heads(self.streams(n)[1])[1][:16]
            return answer == wire.answer76(request.get("Sec-WebSocket-Key1"), request.get("Sec-WebSocket-Key2"), key3)
        return response.get("Sec-WebSocket-Accept") == wire.accept(request.get("Sec-WebSocket-Key"))


def sizes(rows, opcode=1):
    return [len(row[4]) for row in rows if row[0] == opcode]


def texts(capture, who, n=1):
    return [row[4] for row in capture.hybi(who, n) if row[0] == 1]


def echoed(capture, n=1):
    """Whether the server's texts of hixie are the client's."""
    texts = [[payload for kind, payload in capture.hixie(who, n) if kind == 0] for who in ("client", "server")]
    return texts[0] == texts[1]


def uncover(data, key=None):
    """A client's frame of hybi-05 or hybi-06, without the four bytes before it; `key` where they are not the key."""
    key = key or data[:4]
    return bytes(byte ^ key[i % len(key)] for i, byte in enumerate(data[4:]))


def masking_key(capture):
    """hybi-04 section 4.2: of the connection."""
    parts = (capture.head("client").get("Sec-WebSocket-Key"), capture.head("server").get("Sec-WebSocket-Nonce"))
    return hashlib.sha1("".join((*parts, "61AC5F19-FBBA-4540-B96F-6561F1AB40A8")).encode()).digest()


def version(capture):
    return capture.head("client").get("Sec-WebSocket-Version")


LENGTHS_75 = [5, 12, 18, 29, 125, 126, 127, 600]

# For each file: what README.md says, and whether it is so.
CLAIMS = {
    "flash-policy-843.pcap": [
        ("packet 4 is the 23 bytes with their NUL", lambda c: c.payload(4) == wire.POLICY_REQUEST),
        ("the server's policy has no NUL", lambda c: c.payload(6).endswith(b"</cross-domain-policy>\n") and len(c.payload(6)) == 211),
        ("the server's port is 843", lambda c: c.connections[0].server[1] == 843),
    ],
    "flash-policy-sio06-inline.pcap": [
        ("packet 4 is the request", lambda c: c.payload(4) == wire.POLICY_REQUEST),
        ("packet 6 is a 400", lambda c: c.payload(6).startswith(b"HTTP/1.1 400 Bad Request\r\n")),
    ],
    "h75-flash2009-faye.pcap": [
        ("the request has four fields and no key", lambda c: len(c.head("client").fields) == 4),
        ("Host has no port", lambda c: c.head("client").get("Host") == "127.0.0.1"),
        ("Location has none either", lambda c: c.head("server").get("WebSocket-Location") == "ws://127.0.0.1/echo"),
        ("packet 8 is 00 Hello FF", lambda c: c.payload(8) == b"\x00Hello\xff"),
        ("eight texts and their echoes", lambda c: [len(p) for _, p in c.hixie("client")] == LENGTHS_75 and echoed(c)),
    ],
    "h75-pywsclient-nws.pcapng": [
        ("the echoes", lambda c: len(c.hixie("client")) == 8 and echoed(c)),
        ("Host has its port", lambda c: c.head("client").get("Host") == "127.0.0.1:9101"),
    ],
    "h75-perl-driver-ipv6.pcap": [
        ("IPv6", lambda c: c.packets[0][12:14] == b"\x86\xdd"),
        ("Host is [", lambda c: c.head("client").get("Host") == "["),
        ("Location", lambda c: c.head("server").get("WebSocket-Location") == "ws://[/echo"),
    ],
    "h75-ruby-em-multi.pcapng": [
        ("five connections with two texts", lambda c: all(len(c.hixie("client", n)) == 2 and echoed(c, n) for n in range(1, 6))),
        ("five", lambda c: len(c.connections) == 5),
    ],
    "h76-flash2010-06-nws.pcap": [
        ("proof", lambda c: c.proof()),
        ("an empty Cookie", lambda c: c.head("client").get("Cookie") == ""),
        ("packet 6 ends with the answer", lambda c: c.payload(6)[-16:].hex() == "a58a75b2df72f40e1cdef568f29df98b"),
        ("no FF 00", lambda c: all(kind == 0 for who in ("client", "server") for kind, _ in c.hixie(who))),
    ],
    "h76-jsclient-ws04.pcapng": [
        ("proof", lambda c: c.proof()),
        ("three segments", lambda c: [c.payload(n) for n in (8, 9, 10)] == [b"\0", b"Hello", b"\xff"]),
        ("both close", lambda c: c.payload(48) == c.payload(49) == b"\xff\x00"),
        ("Switching Protocols", lambda c: c.head("server").start == "HTTP/1.1 101 Switching Protocols"),
    ],
    "h76-perl-perl.pcapng": [
        ("proof", lambda c: c.proof()),
        ("Content-Length: 8", lambda c: c.head("client").get("Content-Length") == "8"),
        ("both close", lambda c: c.payload(24) == c.payload(25) == b"\xff\x00"),
    ],
    "h76-pyws079-txws05.pcapng": [
        ("proof", lambda c: c.proof()),
        ("one line a segment", lambda c: c.payload(6) == b"Upgrade: WebSocket\r\n" and c.payload(20) == b"\r\n"),
        ("Key2 before Key1", lambda c: c.head("client").raw.index(b"Key2") < c.head("client").raw.index(b"Key1")),
        ("key 3 alone", lambda c: c.payload(22).hex() == "f09fe567b758521b"),
        ("FYI", lambda c: c.head("server").start == "HTTP/1.1 101 FYI I am not a webserver"),
        ("subprotocol None", lambda c: c.head("server").get("Sec-WebSocket-Protocol") == "None"),
        ("FF 00 comes back as an empty text", lambda c: (c.payload(42), c.payload(43)) == (b"\xff\x00", b"\x00\xff")),
    ],
    "h76-lighttpd-badchallenge.pcap": [
        ("the answer is wrong", lambda c: not c.proof()),
        ("no origin", lambda c: c.head("server").get("Sec-WebSocket-Origin") is None),
        ("nothing follows", lambda c: c.rest("client") == c.rest("server") == b""),
    ],
    "h76-badkey-refused.pcap": [
        ("no space in key 1", lambda c: c.head("client").get("Sec-WebSocket-Key1") == "123456789"),
        ("400", lambda c: c.head("server").start == "HTTP/1.1 400 could not parse Sec-WebSocket-Key1/2"),
    ],
    "hybi7-ruby-em.pcap": [
        ("proof", lambda c: c.proof()),
        ("version 7 and the old origin", lambda c: wire.protocol_of(c.head("client")) == "hybi-7" and c.head("client").get("Sec-WebSocket-Origin")),
        ("125, 126 and 65536", lambda c: {125, 126, 65536} <= set(sizes(c.hybi("client")))),
        ("the length forms", lambda c: [c.payload(n)[1] & 0x7F for n in (16, 18, 28)] == [125, 126, 127]),
        ("the close frames differ", lambda c: c.hybi("client")[-1][4] == b"\x03\xe8bye " + "世界".encode() and c.hybi("server")[-1][4] == b"\x03\xe8"),
    ],
    "hybi8-flash2011-09-ws04.pcapng": [
        ("proof", lambda c: c.proof()),
        ("a key of 31 bytes", lambda c: len(base64.b64decode(c.head("client").get("Sec-WebSocket-Key"))) == 31),
        ("a mask of zeros", lambda c: c.payload(27).hex() == "888000000000"),
        ("1000 back", lambda c: c.payload(28).hex() == "880203e8"),
    ],
    "hybi8-netty-netty.pcap.gz": [
        ("proof", lambda c: c.proof()),
        ("lower case", lambda c: b"sec-websocket-version: 8\r\n" in c.head("client").raw),
        ("chat of two", lambda c: c.head("server").get("sec-websocket-protocol") == "chat"),
        ("three fragments, one echo", lambda c: c.payload(34)[2:].decode() == "frag-one 你好 frag-three"),
        ("packet 38 repeats packet 37", lambda c: c.payload(38) == c.payload(37)),
    ],
    "hybi8-refused-426.pcap": [
        ("13 asked", lambda c: c.head("client").get("Sec-WebSocket-Version") == "13"),
        ("426 with 8", lambda c: (c.head("server").status, c.head("server").get("Sec-WebSocket-Version")) == (426, "8")),
    ],
    "hybi2-ruby-em.pcapng": [
        ("Draft 2", lambda c: c.head("client").get("Sec-WebSocket-Draft") == "2"),
        ("packet 8 is 04 05 Hello, packet 9 the same", lambda c: c.payload(8) == c.payload(9) == b"\x04\x05Hello"),
        ("ping 02 and pong 03", lambda c: (c.payload(18), c.payload(19)) == (b"\x02\x06ping-1", b"\x03\x06ping-1")),
        ("close 01 00 both ways", lambda c: c.payload(20) == c.payload(21) == b"\x01\x00"),
    ],
    "hybi2-ruby-as-hixie.pcap": [
        ("Draft 2", lambda c: c.head("client").get("Sec-WebSocket-Draft") == "2"),
        ("00 Hello FF", lambda c: c.payload(8) == c.payload(9) == b"\x00Hello\xff"),
    ],
    "hybi4-lws-lws.pcapng": [
        ("version 4, and a nonce", lambda c: version(c) == "4" and c.head("server").get("Sec-WebSocket-Nonce") == "8QlCiHcSNWJF9nNSuFORLw=="),
        ("packet 8 is covered with the connection's key", lambda c: uncover(c.payload(8), masking_key(c)) == b"\x84\x05Hello"),
        ("and not with what the draft hashes", lambda c: uncover(c.payload(8), hashlib.sha1(c.payload(8)[:4] + masking_key(c)).digest()) != b"\x84\x05Hello"),
        ("packet 9 is plain", lambda c: c.payload(9) == b"\x84\x05Hello"),
    ],
    "hybi5-lws-em.pcap": [
        ("version 5", lambda c: version(c) == "5"),
        ("packet 8 is covered, packet 9 plain", lambda c: uncover(c.payload(8)) == c.payload(9) == b"\x84\x05Hello"),
        ("close with a C, both ways", lambda c: uncover(c.payload(24)) == c.payload(26) == b"\x81\x01C"),
    ],
    "hybi5-ruby-em-mismatch.pcap": [
        ("version 5", lambda c: version(c) == "5"),
        ("the key stands behind the length", lambda c: c.payload(8)[:2] == b"\x84\x85" and bytes(a ^ c.payload(8)[2 + i % 4] for i, a in enumerate(c.payload(8)[6:])) == b"Hello"),
        ("no answer", lambda c: not c.rest("server")),
    ],
    "hybi6-lws-em.pcapng": [
        ("version 6", lambda c: version(c) == "6"),
        ("packet 8 is covered, packet 9 plain", lambda c: uncover(c.payload(8)) == c.payload(9) == b"\x84\x05Hello"),
        ("the last frame is no close", lambda c: uncover(c.payload(24))[:2] == b"\x00\x00"),
        ("1002", lambda c: c.payload(26)[:4] == b"\x81\x21\x03\xea"),
    ],
    "hybi6-lws-deflate-stream.pcap": [
        ("agreed", lambda c: [c.head(who).get("Sec-WebSocket-Extensions") for who in ("client", "server")] == ["deflate-stream"] * 2),
        ("a zlib header", lambda c: c.payload(8)[:2] == c.payload(9)[:2] == b"\x78\x01"),
        ("packet 9 inflates to Hello", lambda c: zlib.decompressobj().decompress(c.payload(9)) == b"\x84\x05Hello"),
        ("the sizes", lambda c: [(len(c.rest(who)), len(zlib.decompressobj().decompress(c.rest(who)))) for who in ("client", "server")] == [(381, 967), (187, 931)]),
        ("the first frame of the client", lambda c: uncover(zlib.decompressobj().decompress(c.rest("client"))[:11]) == b"\x84\x05Hello"),
        ("no sync flush", lambda c: b"\0\0\xff\xff" not in c.rest("client") + c.rest("server")),
    ],
    "rfc-ws8-srvping-srvfrag.pcap": [
        ("proof", lambda c: c.proof()),
        ("Hello in three", lambda c: [c.payload(n)[2:] for n in (9, 10, 11)] == [b"He", b"l", b"lo"]),
        ("opcodes and FIN", lambda c: [c.payload(n)[0] for n in (9, 10, 11)] == [0x01, 0x00, 0x80]),
        ("ping and pong", lambda c: c.payload(12) == b"\x89\x08srv-ping" and c.hybi("client")[1][4] == b"srv-ping"),
        ("close 1000 bye", lambda c: c.hybi("client")[-1][4] == c.hybi("server")[-1][4] == b"\x03\xe8bye"),
    ],
    "rfc-wsnode-wsnode-frag.pcapng": [
        ("64 and 100", lambda c: max(map(len, (r[4] for r in c.hybi("client")))) == 64 and max(map(len, (r[4] for r in c.hybi("server")))) == 100),
        ("450 bytes in eight and in five", lambda c: len(c.hybi("client")) - 11 == 8 and len(c.hybi("server")) - 11 == 5),
        ("superchat", lambda c: c.head("server").get("Sec-WebSocket-Protocol") == "superchat"),
    ],
    "rfc-websockets-websockets-ipv6.pcapng": [
        ("IPv6 and three connections", lambda c: c.packets[0][12:14] == b"\x86\xdd" and len(c.connections) == 3),
        ("proofs", lambda c: all(c.proof(n) for n in (1, 2, 3))),
        ("Host in brackets", lambda c: c.head("client").get("Host") == "[::1]:9101"),
        ("an empty last fragment", lambda c: c.hybi("client")[9][:3] == (0, 1, 0) and c.hybi("client")[9][4] == b""),
    ],
    "rfc-chat-superchat.pcap": [
        ("what was offered", lambda c: [c.head("client", n).get("Sec-WebSocket-Protocol") for n in (1, 2, 3)] == ["chat,superchat", "superchat", None]),
        ("what was chosen", lambda c: [c.head("server", n).get("Sec-WebSocket-Protocol") for n in (1, 2, 3)] == ["superchat", "superchat", None]),
    ],
    "rfc-lws-lws.pcapng": [
        ("117 texts and 118", lambda c: sum(len(c.hybi("client", n)) for n in (1, 2)) == 117 and sum(len(c.hybi("server", n)) for n in (1, 2)) == 118),
        ("deflate offered, not taken", lambda c: c.head("client", 2).get("Sec-WebSocket-Extensions") and not c.head("server", 2).get("Sec-WebSocket-Extensions")),
        ("WebSocket in the answer", lambda c: c.head("server", 2).get("Upgrade") == "WebSocket"),
        ("no end", lambda c: not any(p[47] & 5 for p in c.packets)),
    ],
    "rfc-nginx-proxy.pcap": [
        ("two connections", lambda c: [k.server[1] for k in c.connections] == [9101, 9108]),
        ("the same key, the same masks", lambda c: c.rest("client", 1) == c.rest("client", 2)),
        ("a field more", lambda c: c.head("client", 2).get("X-Forwarded-For") == "127.0.0.1" and not c.head("client", 1).get("X-Forwarded-For")),
        ("two segments became one", lambda c: c.payload(44) == c.payload(40) + c.payload(41)),
    ],
    "rfc-apache-proxy.pcap": [
        ("two connections", lambda c: [k.server[1] for k in c.connections] == [9101, 9102]),
        ("the same frames", lambda c: c.rest("client", 1) == c.rest("client", 2) and c.rest("server", 1) == c.rest("server", 2)),
    ],
    "rfc-lighttpd-proxy.pcap": [
        ("the close status is written in letters", lambda c: [row[4] for row in c.hybi("server") if row[0] == 8] == [b"1000"]),
    ],
    "rfc-ws4py-ws8.pcapng": [("proof", lambda c: c.proof())],
    "rfc-websocketpp-websockets.pcapng": [("proof", lambda c: c.proof())],
    "rfc-refused-403.pcap": [
        ("403", lambda c: c.head("server").start == "HTTP/1.1 403 Forbidden"),
        ("the reason", lambda c: c.head("server").get("X-WebSocket-Reject-Reason") == "Rejected by server"),
    ],
    "live-loss-retrans.pcap": [
        ("proof", lambda c: c.proof()),
        ("eight segments come late or again", lambda c: c.connections[0].sides["client"].stream()[1] == 8),
        ("65536 bytes came whole", lambda c: 65536 in sizes(c.hybi("client")) and 65536 in sizes(c.hybi("server"))),
    ],
    "hard-midstream-rfc.pcap": [
        ("no SYN", lambda c: not c.connections[0].opened),
        ("it begins with 01 02 He", lambda c: c.payload(1) == b"\x01\x02He"),
        ("ten and nineteen frames", lambda c: [len(look.hybi(s)[0]) for s in c.streams()] == [10, 19]),
    ],
    "hard-gzip.pcap.gz": [
        ("gzip", lambda c: c.raw[:2] == b"\x1f\x8b"),
        ("proof", lambda c: c.proof()),
        ("the answer alone", lambda c: len(c.payload(8)) == 16),
    ],
    "pmd-ws8-ws8.pcap": [
        ("Hello in 7, 5 and 4 bytes", lambda c: [len(r[4]) for r in c.hybi("client")[:3]] == [7, 5, 4]),
        ("the first is the example of RFC 7692", lambda c: c.hybi("client")[0][4].hex() == "f248cdc9c90700"),
        ("70,000 in 157", lambda c: len(c.hybi("client")[9][4]) == 157),
        ("RSV1 on the first fragment only", lambda c: [c.payload(n)[0] for n in (30, 31, 32)] == [0x41, 0x00, 0x80]),
        ("the empty message is 00", lambda c: c.hybi("server")[-2][4] == b"\0"),
    ],
    "pmd-ws8-ws8-nocontext.pcapng": [
        ("Hello in 7, 7 and 7 bytes", lambda c: [r[4].hex() for r in c.hybi("client")[:3]] == ["f248cdc9c90700"] * 3),
        ("agreed", lambda c: c.head("server").get("Sec-WebSocket-Extensions").count("no_context_takeover") == 2),
    ],
    "pmd-chromium-websockets.pcap": [
        ("12 bits", lambda c: c.head("server").get("Sec-WebSocket-Extensions") == "permessage-deflate; server_max_window_bits=12; client_max_window_bits=12"),
        ("Hello in 7, 5 and 4 bytes", lambda c: [len(r[4]) for r in c.hybi("client")[:3]] == [7, 5, 4]),
    ],
    "rfc-netty-webkit-deflate-frame.pcap": [
        ("agreed", lambda c: c.head("server").get("Sec-WebSocket-Extensions") == "x-webkit-deflate-frame"),
        ("Hello in 7, 5 and 4 bytes", lambda c: [len(r[4]) for r in c.hybi("client")[:3]] == [7, 5, 4]),
        ("RSV1 on every fragment", lambda c: [c.payload(n)[0] for n in (41, 42, 44)] == [0x41, 0x40, 0xC0]),
        ("the empty message is plain", lambda c: c.payload(47)[:2] == b"\x81\x80"),
    ],
    "proxy-connect-chromium-ws8.pcapng": [
        ("four connections", lambda c: len(c.connections) == 4),
        ("absolute URI", lambda c: c.payload(7).startswith(b"GET http://127.0.0.1:43139/ HTTP/1.1")),
        ("CONNECT and its answer", lambda c: c.payload(29).startswith(b"CONNECT 127.0.0.1:9101") and c.payload(34).startswith(b"HTTP/1.0 200 Connection established")),
        ("the same bytes on the other leg", lambda c: c.payload(36) == c.payload(37) and c.payload(42) == c.payload(43)),
        ("an empty close", lambda c: c.payload(67) == b"\x88\x00"),
        ("nothing of another host", lambda c: b"google" not in c.raw),
    ],
    "comet-sio4-polling.pcap": [
        ("18 connections", lambda c: len(c.connections) == 18),
        ("every one is one request", lambda c: all(len(look.heads(k.streams()[0])[0]) == 1 for k in c.connections)),
        ("Hello costs this much", lambda c: (len(c.payload(34)), len(c.payload(44))) == (175, 214)),
        ("no WebSocket", lambda c: b"Upgrade: websocket" not in c.raw),
    ],
    "comet-sio4-upgrade.pcapng": [
        ("four connections", lambda c: len(c.connections) == 4),
        ("probe", lambda c: c.payload(36)[0] == 0x81 and c.payload(39) == b"\x81\x063probe"),
        ("Hello costs this much", lambda c: (len(c.payload(42)), len(c.payload(44))) == (27, 23)),
        ("deflate offered, not taken", lambda c: c.payload(22).count(b"permessage-deflate") == 1 and c.payload(31).count(b"permessage-deflate") == 0),
    ],
    "comet-sockjs-xhr-streaming.pcapng": [
        ("two connections", lambda c: len(c.connections) == 2),
        ("one response, four chunks", lambda c: look.heads(c.streams(2)[1])[0][0][1].count(b"\r\n") == 8),
        ("2,049 bytes of h", lambda c: b"801\r\n" + b"h" * 2048 + b"\n\r\n" in c.streams(2)[1]),
        ("packet 18", lambda c: c.payload(18) == b'b\r\na["Hello"]\n\r\n'),
        ("no last chunk", lambda c: not c.streams(2)[1].endswith(b"0\r\n\r\n")),
    ],
    "app-socketio.pcap": [
        ("three namespaces, the last twice", lambda c: texts(c, "client")[:3] == [b"40", b"40/chat,", b'40/admin,{"token":"wrong"}'] and c.payload(12) == c.payload(13)),
        ("the refusal", lambda c: c.payload(19)[2:].startswith(b"44/admin,")),
        ("an acknowledgement", lambda c: texts(c, "client")[4] == b'420["add",2,40]' and c.payload(25)[2:] == b"430[42]" and c.payload(24) in c.rest("client")),
        ("an attachment of 256 bytes", lambda c: texts(c, "client")[8].startswith(b'451-1["file"') and sizes(c.hybi("client"), 2)[0] == 256 and len(c.payload(37)) == 264),
        ("pings are texts", lambda c: c.payload(50) == b"\x81\x012" and texts(c, "client").count(b"3") == 2),
    ],
    "app-sockjs.pcap": [
        ("two connections", lambda c: [c.head("client", n).start for n in (1, 2)][0].startswith("GET /echo/info") and len(c.connections) == 2),
        ("a letter in front", lambda c: {text[:1] for text in texts(c, "server", 2)} == {b"o", b"a", b"c"} and c.payload(15) == b"\x81\x01o"),
        ("the end, twice", lambda c: c.payload(46)[2:] == b'c[4000,"Go away!"]' and c.payload(47)[2:] == b"\x03\xe8Normal closure"),
    ],
    "app-mqtt.pcap": [
        ("mqtt", lambda c: c.head("server").get("Sec-WebSocket-Protocol") == "mqtt"),
        ("CONNECT in seventeen messages", lambda c: [b"".join(row[4] for row in c.hybi("client")[:n])[1:2] == b"\x2b" and sum(len(row[4]) for row in c.hybi("client")[:n]) for n in (16, 17)] == [44, 45]),
        ("of 1 to 12 bytes", lambda c: {len(row[4]) for row in c.hybi("client")[:17]} == {1, 2, 4, 5, 12}),
        ("binary alone", lambda c: {row[0] for who in ("client", "server") for row in c.hybi(who)} == {2, 8}),
    ],
    "tls/wss13-aes128gcm.pcapng": [
        ("localhost", lambda c: b"localhost" in c.payload(4)),
        ("records of each kind", lambda c: [kinds(s) for s in c.streams()] == [[22, 20] + [23] * 12, [22, 20] + [23] * 16]),
        ("TLS_AES_128_GCM_SHA256", lambda c: c.payload(6)[44 + 32 : 44 + 34] == b"\x13\x01"),
    ],
    "tls/wss-alert-no-shared-cipher.pcap": [
        ("a hello, and an alert of 7 bytes", lambda c: (kinds(c.payload(4)), c.payload(6).hex()) == ([22], "15030300020228")),
    ],
    "tls/hard-tls-lost-segment.pcap": [
        ("149 bytes are missing before packet 30", lambda c: 149 in holes(c, "client") and not holes(c, "server")),
    ],
}


def kinds(stream):
    """The content types of the TLS records in a stream."""
    found = []
    while stream:
        found.append(stream[0])
        stream = stream[5 + int.from_bytes(stream[3:5]) :]
    return found


def holes(capture, who):
    """How many bytes are missing before segments of a side."""
    found, end = [], 0
    for start, data, _ in sorted(capture.connections[0].sides[who].segments):
        if start > end:
            found.append(start - end)
        end = max(end, start + len(data))
    return found


def main():
    wrong = 0
    for name, claims in CLAIMS.items():
        capture = Capture(name)
        for claim, holds in claims:
            if not holds(capture):
                print(f"{name}: not so: {claim}")
                wrong += 1
    files = {str(file.relative_to(HERE)) for folder in ("", "tls") for file in (HERE / folder).iterdir() if ".pcap" in file.name}
    words = (HERE / "README.md").read_text()
    for name in sorted(files ^ set(CLAIMS)) + sorted(name for name in files if f"`{name}`" not in words):
        print(f"{name}: not in all three of the folder, README.md and this list")
        wrong += 1
    print(f"{len(CLAIMS)} captures, {sum(map(len, CLAIMS.values()))} claims, {wrong} wrong")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
