"""Bytes of every WebSocket version, written and read with the standard library alone.

Nothing here judges: an encoder writes whatever it is told to, also what no specification allows. `careful.py` keeps
the rules, `mistakes.py` breaks them.
"""

import base64
import hashlib
import socket
import struct
import zlib

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

# Fixed values, so that a reader of a capture can work every byte out again.
KEY = "dGhlIHNhbXBsZSBub25jZQ=="  # base64 of "the sample nonce", the example of RFC 6455
MASK = bytes.fromhex("37fa213d")  # the example of RFC 6455 section 5.7
KEY1 = "4 @1  46546xW%0l 1 5"  # the example of hixie-76
KEY2 = "12998 5 Y3 1  .P00"
KEY3 = b"^n:ds[4U"
ORIGIN = "http://museum.example"

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10


# --- hybi and RFC 6455 -------------------------------------------------------------------------------------------


def xor(data, mask):
    return bytes(byte ^ mask[i % 4] for i, byte in enumerate(data))


def frame(opcode, payload=b"", mask=None, *, fin=True, rsv=0, form=None, length=None):
    """One frame. `rsv` is 4, 2 and 1 for RSV1 to RSV3; `form` is 7, 16 or 64 bits of length, None for the least;
    `length` is a lie about the payload's size."""
    said = len(payload) if length is None else length
    if form is None:
        form = 7 if said <= 125 else 16 if said <= 0xFFFF else 64
    masked = 0x80 if mask else 0
    head = bytes([(0x80 if fin else 0) | rsv << 4 | opcode])
    if form == 7:
        head += bytes([masked | said])
    elif form == 16:
        head += bytes([masked | 126]) + struct.pack(">H", said)
    else:
        head += bytes([masked | 127]) + struct.pack(">Q", said)
    return head + mask + xor(payload, mask) if mask else head + payload


def close(code, reason=b"", mask=None):
    return frame(CLOSE, struct.pack(">H", code) + reason, mask)


def accept(key, guid=GUID):
    return base64.b64encode(hashlib.sha1((key + guid).encode()).digest()).decode()


def deflate(data, using=None):
    """A message as permessage-deflate sends it: raw DEFLATE up to a sync flush, without the last 00 00 FF FF."""
    using = using or zlib.compressobj(9, zlib.DEFLATED, -15)
    return (using.compress(data) + using.flush(zlib.Z_SYNC_FLUSH))[:-4]


# --- hixie-75 and hixie-76 ---------------------------------------------------------------------------------------


def hixie_text(text):
    return b"\x00" + text + b"\xff"


def hixie_length(n):
    """The base-128 length of a frame whose type has its high bit set."""
    out = [n & 0x7F]
    while n := n >> 7:
        out.append(0x80 | n & 0x7F)
    return bytes(reversed(out))


def key_digits(key):
    return int("".join(c for c in key if c.isdigit()) or "0")


def key_number(key):
    return key_digits(key) // max(key.count(" "), 1)


def answer76(key1, key2, key3):
    challenge = struct.pack(">II", key_number(key1) & 0xFFFFFFFF, key_number(key2) & 0xFFFFFFFF) + key3
    return hashlib.md5(challenge).digest()


# --- HTTP heads --------------------------------------------------------------------------------------------------


def head(start, fields):
    return "".join([start, "\r\n", *(f"{name}: {value}\r\n" for name, value in fields), "\r\n"]).encode("latin-1")


class Head:
    """A start line and its fields, read leniently; `odd` names what a careful reader does not pass over."""

    def __init__(self, raw):
        self.raw, self.odd = raw, []
        text = raw.decode("latin-1")
        if text.count("\n") != text.count("\r\n"):
            self.odd.append("http.line.bare-lf")
        lines = text.replace("\r\n", "\n").split("\n")
        self.start, self.fields = lines[0], []
        for line in lines[1:]:
            if not line:
                break
            name, colon, value = line.partition(":")
            if line[0] in " \t" and self.fields:
                self.odd.append("http.field.folded")
                name, before = self.fields.pop()
                self.fields.append((name, f"{before} {line.strip()}"))
            elif not colon:
                self.odd.append("http.head.malformed")
            else:
                if name != name.rstrip():
                    self.odd.append("http.field.space-before-colon")
                # One space after the colon is the separator; more than one can belong to a key of hixie-76.
                self.fields.append((name.rstrip().lower(), value.removeprefix(" ")))

    def all(self, name):
        return [value for key, value in self.fields if key == name.lower()]

    def get(self, name, default=None):
        return next(iter(self.all(name)), default)

    def tokens(self, name):
        return [token.strip() for value in self.all(name) for token in value.split(",") if token.strip()]

    @property
    def status(self):
        parts = self.start.split()
        return int(parts[1]) if len(parts) > 1 and parts[0].startswith("HTTP/") and parts[1].isdigit() else None

    @property
    def target(self):
        return (self.start.split() + ["", ""])[1]


def protocol_of(request):
    """The version that a request asks for, by the fields that it has."""
    version = request.get("Sec-WebSocket-Version")
    if version is not None or request.get("Sec-WebSocket-Key") is not None:
        return {"7": "hybi-7", "8": "hybi-8"}.get(version, "rfc6455")
    if request.get("Sec-WebSocket-Key1") is not None or request.get("Sec-WebSocket-Key2") is not None:
        return "hixie-76"
    return "hixie-75" if (request.get("Upgrade") or "").lower() == "websocket" else "http"


def request_fields(protocol, host, *, subprotocols=(), deflate=None, key=KEY):
    """The fields of a right opening request."""
    if protocol in ("hixie-75", "hixie-76"):
        fields = [("Upgrade", "WebSocket"), ("Connection", "Upgrade"), ("Host", host), ("Origin", ORIGIN)]
        if protocol == "hixie-76":
            fields += [("Sec-WebSocket-Key1", KEY1), ("Sec-WebSocket-Key2", KEY2)]
        if subprotocols:
            fields.append(("WebSocket-Protocol" if protocol == "hixie-75" else "Sec-WebSocket-Protocol", subprotocols[0]))
        return fields
    version = {"hybi-7": "7", "hybi-8": "8"}.get(protocol, "13")
    fields = [
        ("Host", host),
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Key", key),
        ("Sec-WebSocket-Version", version),
        ("Origin" if version == "13" else "Sec-WebSocket-Origin", ORIGIN),
    ]
    if subprotocols:
        fields.append(("Sec-WebSocket-Protocol", ", ".join(subprotocols)))
    if deflate:
        fields.append(("Sec-WebSocket-Extensions", deflate if isinstance(deflate, str) else "permessage-deflate"))
    return fields


def response_fields(protocol, request, *, subprotocol=None, extension=None):
    """The start line and the fields of a right 101."""
    if protocol in ("hixie-75", "hixie-76"):
        sec = "" if protocol == "hixie-75" else "Sec-"
        start = "HTTP/1.1 101 Web Socket Protocol Handshake" if sec == "" else "HTTP/1.1 101 WebSocket Protocol Handshake"
        fields = [("Upgrade", "WebSocket"), ("Connection", "Upgrade")]
        fields += [(f"{sec}WebSocket-Origin", request.get("Origin", "null"))]
        fields += [(f"{sec}WebSocket-Location", f"ws://{request.get('Host', '')}{request.target}")]
        return start, fields + ([(f"{sec}WebSocket-Protocol", subprotocol)] if subprotocol else [])
    fields = [("Upgrade", "websocket"), ("Connection", "Upgrade")]
    fields += [("Sec-WebSocket-Accept", accept(request.get("Sec-WebSocket-Key", "").strip()))]
    fields += [("Sec-WebSocket-Protocol", subprotocol)] if subprotocol else []
    fields += [("Sec-WebSocket-Extensions", extension)] if extension else []
    return "HTTP/1.1 101 Switching Protocols", fields


# --- the Flash policy --------------------------------------------------------------------------------------------

POLICY_REQUEST = b"<policy-file-request/>\x00"
POLICY = b'<cross-domain-policy><allow-access-from domain="*" to-ports="*"/></cross-domain-policy>\x00'


# --- a socket ----------------------------------------------------------------------------------------------------


class Ended(Exception):
    """The other end sent nothing more: `how` is eof, reset or timeout."""

    def __init__(self, how):
        super().__init__(how)
        self.how = how


class Link:
    """A socket that remembers what came and went."""

    def __init__(self, sock, patience=5.0):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock, self.patience = sock, patience
        self.sent, self.received, self.unread = bytearray(), bytearray(), bytearray()
        self.ended = None

    def send(self, data):
        """Sends; a peer that is gone is not an error here, its end is found when reading."""
        try:
            self.sock.sendall(data)
            self.sent += data
        except OSError:
            pass

    def more(self, patience=None):
        """Waits for bytes and returns what came."""
        if self.ended:
            raise Ended(self.ended)
        self.sock.settimeout(self.patience if patience is None else patience)
        try:
            data = self.sock.recv(65536)
        except TimeoutError:
            raise Ended("timeout") from None
        except OSError:
            self.ended = "reset"
            raise Ended("reset") from None
        if not data:
            self.ended = "eof"
            raise Ended("eof")
        self.received += data
        self.unread += data
        return data

    def take(self, n, patience=None):
        while len(self.unread) < n:
            self.more(patience)
        out = bytes(self.unread[:n])
        del self.unread[:n]
        return out

    def until(self, end, patience=None):
        while (at := self.unread.find(end)) < 0:
            self.more(patience)
        return self.take(at + len(end))

    def head(self, patience=None):
        """An HTTP head up to its empty line; a bare LF ends a line too."""
        while True:
            ends = [at + len(end) for end in (b"\r\n\r\n", b"\n\n") if (at := self.unread.find(end)) >= 0]
            if ends:
                return Head(self.take(min(ends)))
            self.more(patience)

    def frame(self, patience=None):
        """A frame of hybi as (opcode, payload, fin, rsv), unmasked; nothing is checked."""
        first, second = self.take(2, patience)
        size = second & 0x7F
        if size == 126:
            size = struct.unpack(">H", self.take(2))[0]
        elif size == 127:
            size = struct.unpack(">Q", self.take(8))[0]
        mask = self.take(4) if second & 0x80 else None
        payload = self.take(size)
        return first & 15, xor(payload, mask) if mask else payload, bool(first & 0x80), first >> 4 & 7

    def drain(self, patience=None):
        """Reads up to the end and says how it ended."""
        try:
            while True:
                self.more(patience)
        except Ended as end:
            return end.how

    def half_close(self):
        try:
            self.sock.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def hang_up(self):
        """Ends the connection with FIN both ways: what came but was not read must not turn the FIN into a reset."""
        if self.sock.fileno() < 0:
            return
        self.half_close()
        self.drain(1.0)
        self.sock.close()

    def reset(self):
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()
