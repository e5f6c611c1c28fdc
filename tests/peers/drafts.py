#!/usr/bin/env python3
"""A server and a client of the drafts hybi-02 to hybi-06, written from their texts. Python 3.11, standard library only.

    drafts.py serve                      prints `listening PORT`, echoes on one connection
    drafts.py connect URL PROTOCOL       PROTOCOL is hybi-2, hybi-4, hybi-5 or hybi-6

The client sends a text, a binary message of 300 bytes, a text in three fragments with a ping between them, and a close. Both
end with one line of JSON: the handshake's protocol, what came, and how it ended.
"""

import base64
import hashlib
import json
import os
import socket
import struct
import sys
from urllib.parse import urlsplit

import wire
from wire import Ended, Link

CONTINUATION, CLOSE, PING, PONG, TEXT, BINARY = range(6)
DATA = {TEXT: "text", BINARY: "binary"}
MASKING_GUID = "61AC5F19-FBBA-4540-B96F-6561F1AB40A8"  # hybi-04, section 4.2
NUMBERS = {"4": "hybi-4", "5": "hybi-5", "6": "hybi-6"}


class Frames:
    """Frames of one connection, as one end writes and reads them."""

    def __init__(self, link, protocol, is_client, connection_key=None):
        self.link, self.protocol, self.is_client, self.connection_key = link, protocol, is_client, connection_key

    def cover(self, start, clear):
        """What stands before a client's frame, and covers it, header and all."""
        if self.protocol == "hybi-4":
            key = hashlib.sha1(start + self.connection_key).digest()
        else:
            key = start
        return bytes(byte ^ key[i % len(key)] for i, byte in enumerate(clear))

    def send(self, opcode, payload=b"", last=True):
        # Bit 7 is MORE in hybi-01 to -03, FIN from hybi-04 on.
        first = (not last if self.protocol == "hybi-2" else last) << 7 | opcode
        size = len(payload)
        if size <= 125:
            header = bytes([first, size])
        elif size <= 0xFFFF:
            header = bytes([first, 126]) + struct.pack(">H", size)
        else:
            header = bytes([first, 127]) + struct.pack(">Q", size)
        frame = header + payload
        if self.is_client and self.protocol != "hybi-2":
            start = os.urandom(4)
            frame = start + self.cover(start, frame)
        self.link.send(frame)

    def read(self):
        """The next frame: whether it is the last of its message, its opcode, its payload."""
        covered = not self.is_client and self.protocol != "hybi-2"
        start, frame = (self.link.take(4), b"") if covered else (b"", b"")

        def upto(count):
            nonlocal frame
            raw = self.link.take(count - len(frame))
            raw = bytes(len(frame)) + raw
            frame += (self.cover(start, raw) if covered else raw)[len(frame) :]

        upto(2)
        size, at = frame[1] & 0x7F, 2
        assert frame[1] < 0x80 and not frame[0] & 0x70, f"reserved bits: {frame.hex()}"
        if size >= 126:
            at = 4 if size == 126 else 10
            upto(at)
            size = int.from_bytes(frame[2:at], "big")
        upto(at + size)
        bit = frame[0] >> 7
        return bit == (self.protocol != "hybi-2"), frame[0] & 15, frame[at:]


def connection_key(key, nonce):
    return hashlib.sha1((key + nonce + MASKING_GUID).encode()).digest()


def messages(frames, came, enough=None, echo=False):
    """Reads until a close frame and returns its body, or until enough came."""
    kind, parts = None, b""
    while enough is None or len(came) < enough:
        last, opcode, payload = frames.read()
        if opcode == CLOSE:
            return payload
        if opcode == PING:
            frames.send(PONG, payload)
            continue
        if opcode == PONG:
            came.append(["pong", payload.hex()])
            continue
        if opcode != CONTINUATION:
            assert kind is None, "a message within a message"
            kind, parts = opcode, b""
        assert kind is not None, "a continuation of nothing"
        parts += payload
        if last:
            came.append([DATA[kind], parts.hex()])
            if echo:
                frames.send(kind, parts)
            kind = None


def serve(link, report):
    request = wire.Head(link.until(b"\r\n\r\n"))
    fields = [("Upgrade", "websocket"), ("Connection", "Upgrade")]
    shared = None
    draft = request.get("Sec-WebSocket-Draft")
    if draft is not None:
        protocol = "hybi-2"
        key3 = link.take(8)
        fields = [
            ("Upgrade", "WebSocket"),
            ("Connection", "Upgrade"),
            ("Sec-WebSocket-Origin", request.get("Origin")),
            ("Sec-WebSocket-Location", f"ws://{request.get('Host')}{request.target}"),
        ]
        body = wire.answer76(request.get("Sec-WebSocket-Key1"), request.get("Sec-WebSocket-Key2"), key3)
        start = "HTTP/1.1 101 WebSocket Protocol Handshake"
    else:
        protocol, body, start = NUMBERS[request.get("Sec-WebSocket-Version")], b"", "HTTP/1.1 101 Switching Protocols"
        key = request.get("Sec-WebSocket-Key")
        fields.append(("Sec-WebSocket-Accept", wire.accept(key)))
        if protocol in ("hybi-4", "hybi-5"):
            nonce = base64.b64encode(os.urandom(16)).decode()
            fields.append(("Sec-WebSocket-Nonce", nonce))
            shared = connection_key(key, nonce)
    link.send(wire.head(start, fields) + body)
    report["protocol"] = protocol
    frames = Frames(link, protocol, False, shared)
    body = messages(frames, report["came"], echo=True)
    report["close"] = body.hex()
    frames.send(CLOSE, body)


def connect(link, url, protocol, report):
    parts = urlsplit(url)
    host = f"{parts.hostname}:{parts.port}"
    key = base64.b64encode(os.urandom(16)).decode()
    if protocol == "hybi-2":
        request = wire.request_fields("hixie-76", host) + [("Sec-WebSocket-Draft", "2")]
        body = wire.KEY3
    else:
        request = [
            ("Host", host),
            ("Upgrade", "websocket"),
            ("Connection", "Upgrade"),
            ("Sec-WebSocket-Key", key),
            ("Sec-WebSocket-Origin", wire.ORIGIN),
            ("Sec-WebSocket-Version", protocol.removeprefix("hybi-")),
        ]
        body = b""
    link.send(wire.head(f"GET {parts.path} HTTP/1.1", request) + body)
    answer = wire.Head(link.until(b"\r\n\r\n"))
    assert answer.status == 101, answer.start
    shared = None
    if protocol == "hybi-2":
        assert link.take(16) == wire.answer76(wire.KEY1, wire.KEY2, wire.KEY3), "the proof"
    else:
        assert answer.get("Sec-WebSocket-Accept") == wire.accept(key), "the proof"
        if protocol in ("hybi-4", "hybi-5"):
            shared = connection_key(key, answer.get("Sec-WebSocket-Nonce"))
    report["protocol"] = protocol
    frames = Frames(link, protocol, True, shared)
    frames.send(TEXT, b"Hello")
    frames.send(BINARY, bytes(300))
    frames.send(TEXT, "grü".encode(), last=False)
    frames.send(PING, b"?")
    frames.send(CONTINUATION, b"", last=False)
    frames.send(CONTINUATION, "ße".encode())
    messages(frames, report["came"], enough=4)
    # The body says who began in hybi-05, and why in hybi-06.
    frames.send(CLOSE, {"hybi-5": b"C", "hybi-6": struct.pack(">H", 1000)}.get(protocol, b""))
    report["close"] = messages(frames, report["came"]).hex()


def main():
    report = {"protocol": None, "came": [], "close": None, "ended": None}
    if sys.argv[1] == "serve":
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.settimeout(60)
            print(f"listening {listener.getsockname()[1]}", flush=True)
            link = Link(listener.accept()[0], 5.0)
        serve(link, report)
    else:
        parts = urlsplit(sys.argv[2])
        link = Link(socket.create_connection((parts.hostname, parts.port), timeout=10), 5.0)
        connect(link, sys.argv[2], sys.argv[3], report)
    try:
        link.more(2.0)
        report["ended"] = "more"
    except Ended:
        report["ended"] = link.ended
    print(json.dumps(report), flush=True)


if __name__ == "__main__":
    main()
