"""The mistakes, one entry each: who makes it, which rule it breaks, what it sends, and what to look at.

A mistake is played over a `wire.Link` by `play`. Everything around the mistake is right: the connection is opened as
the version asks, one message goes there and back first, and the connection is closed as far as the mistake lets it.
"""

import time
import zlib
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import urlsplit

import wire
from careful import reaction
from wire import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, Ended, Head

RFC, H75, H76, POLICY = "rfc6455", "hixie-75", "hixie-76", "flash-policy"


@dataclass
class Mistake:
    name: str
    role: str  # client or server: who makes it
    rule: str | None  # the id of the rule that it breaks; None where the bytes break none
    sent: str  # what is sent, for the museum's label
    look: str  # what to look at
    frames: object = None  # mask -> the wrong bytes, each element sent on its own
    edit: object = None  # fields, request -> fields, of the request (which is then None) or of the response
    start: str | None = None  # another start line
    raw: object = None  # head as bytes -> bytes as sent
    act: object = None  # (link, head) -> None: the rest of the connection, when nothing above fits
    protocol: str = RFC
    options: dict = field(default_factory=dict)  # what the other side must be told for the mistake to be possible
    reaction: tuple | None = None  # when it is not the rule's own
    answers: bool = True  # whether the faulty peer answers a close that comes back
    also: tuple = ()  # further rules that the same bytes break
    museum: bool = True
    mark: bytes | None = None  # bytes that must be in the faulty side's stream

    @property
    def expected(self):
        return [rule for rule in (self.rule, *self.also) if rule]

    def reacts(self):
        return self.reaction or reaction(self.rule)

    def listing(self):
        kind, number = self.reacts()
        return {
            "name": self.name,
            "role": self.role,
            "protocol": self.protocol,
            "rule": self.rule,
            "also": list(self.also),
            "reaction": kind,
            "expect_close": number if kind == "close" else None,
            "expect_status": number if kind == "refuse" else None,
            "options": self.options,
            "sent": self.sent,
        }


# --- playing -----------------------------------------------------------------------------------------------------


def play(mistake, link, url=None, echo_first=False):
    """Makes the mistake over `link`: as a client that connects to `url`, or as a server.

    A server answers the client's first message before its mistake with `echo_first`, as is good to look at. Without,
    it answers after the mistake and only if the client is to go on, so that a client which closes when it has its
    answer cannot close before it saw the mistake."""
    link.status = link.close_code = None
    link.echo_first = echo_first
    link.after_head = 0
    try:
        (play_client if mistake.role == "client" else play_server)(mistake, link, url)
    except Ended as end:
        link.ended = end.how


def mark_head(link, head):
    link.status, link.after_head = head.status, len(link.received) - len(link.unread)


def play_client(mistake, link, url):
    parts = urlsplit(url)
    if mistake.protocol == POLICY:
        mistake.act(link, None)
        return
    fields = wire.request_fields(
        mistake.protocol,
        parts.netloc,
        subprotocols=mistake.options.get("subprotocols", ()),
        deflate=mistake.options.get("deflate"),
    )
    raw = wire.head(mistake.start or f"GET {parts.path or '/'} HTTP/1.1", mistake.edit(fields, None) if mistake.edit else fields)
    tail = wire.KEY3 if mistake.protocol == H76 else b""
    link.send(mistake.raw(raw + tail) if mistake.raw else raw + tail)
    if mistake.rule and mistake.rule.endswith("key3.short"):
        link.half_close()
    head = link.head()
    mark_head(link, head)
    if head.status != 101 or mistake.reacts()[0] == "refuse":
        link.drain()
        return
    hixie = mistake.protocol in (H75, H76)
    if mistake.protocol == H76:
        link.take(16)
        link.after_head += 16
    mask = wire.MASK
    link.send(wire.hixie_text(b"Hello") if hixie else wire.frame(TEXT, b"Hello", mask))
    if hixie:
        link.until(b"\xff", 1.0)
    else:
        link.frame(1.0)
    if mistake.act:
        mistake.act(link, head)
        return
    for data in mistake.frames(mask) if mistake.frames else ():
        link.send(data)
        time.sleep(0.02)
    closing(mistake, link, mask)


def play_server(mistake, link, _url):
    if mistake.protocol == POLICY:
        mistake.act(link, None)
        return
    request = link.head()
    mark_head(link, request)
    protocol = wire.protocol_of(request)
    if protocol == H76:
        key3 = link.take(8)
        link.after_head += 8
    offered = request.tokens("Sec-WebSocket-Protocol")
    if mistake.edit:
        start, fields = wire.response_fields(protocol, request)
        fields = mistake.edit(fields, request)
    else:
        # Agrees to whatever the mistake needs, so that nothing but the mistake is wrong.
        agreed = "permessage-deflate" if mistake.options.get("deflate") else None
        start, fields = wire.response_fields(protocol, request, subprotocol=next(iter(offered), None), extension=agreed)
    raw = wire.head(mistake.start or start, fields)
    if mistake.raw:
        raw = mistake.raw(raw)
    if raw:
        link.send(raw)
    if protocol == H76:
        answer = wire.answer76(request.get("Sec-WebSocket-Key1"), request.get("Sec-WebSocket-Key2"), key3)
        link.send(mistake.act(link, answer) if mistake.rule == "hixie76.answer.wrong" else answer)
    if Head(raw).status != 101:
        link.half_close()
        link.drain(2.0)
        return
    if mistake.act and mistake.rule != "hixie76.answer.wrong":
        mistake.act(link, request)
        return
    echo = first_message(link, protocol) if mistake.reacts()[0] != "drop" or mistake.frames else b""
    if link.echo_first:
        link.send(echo)
    for data in mistake.frames(None) if mistake.frames else ():
        link.send(data)
        time.sleep(0.02)
    if not link.echo_first and mistake.reacts()[0] == "go-on" and mistake.rule != "rfc6455.close.data-after":
        link.send(echo)
    closing(mistake, link, None)


def first_message(link, protocol):
    """The echo of the client's first message, if one comes soon."""
    try:
        if protocol in (H75, H76):
            return link.until(b"\xff", 0.4)
        opcode, payload, _, _ = link.frame(0.4)
        if opcode in (TEXT, BINARY):
            return wire.frame(opcode, payload)
        link.unread[:0] = wire.frame(opcode, payload)
    except Ended as end:
        if end.how != "timeout":
            raise
    return b""


def closing(mistake, link, mask):
    """Brings the connection to its end after the mistake."""
    closed = mistake.rule is not None and mistake.rule.startswith("rfc6455.close.")
    if mistake.protocol == H75:
        link.drain(0.5)
        return
    if mistake.protocol == H76:
        if mistake.role == "client" and mistake.reacts()[0] == "go-on" and mistake.answers:
            link.send(b"\xff\x00")
        link.drain(1.0)
        if mistake.role == "server" and mistake.answers and link.received.endswith(b"\xff\x00"):
            link.send(b"\xff\x00")
        return
    if mistake.role == "client" and mistake.reacts()[0] == "go-on" and not closed:
        link.send(wire.close(1000, b"", mask))
        closed = True
    while True:
        opcode, payload, _, _ = link.frame()
        if opcode == PING:
            link.send(wire.frame(PONG, payload, mask))
        if opcode == CLOSE:
            link.close_code = int.from_bytes(payload[:2], "big") if len(payload) > 1 else 1005
            if not closed and mistake.answers:
                link.send(wire.frame(CLOSE, payload, mask))
            break
    if mistake.role == "client":
        link.drain()


# --- the shapes that several mistakes share ----------------------------------------------------------------------


def without(*names):
    return lambda fields, _request: [(name, value) for name, value in fields if name not in names]


def changed(name, value):
    return lambda fields, _request: [(key, value if key == name else old) for key, old in fields]


def added(*more):
    return lambda fields, _request: [*fields, *more]


def renamed(old, new):
    return lambda fields, _request: [(new if key == old else key, value) for key, value in fields]


MISTAKES = []


def mistake(name, role, rule, sent, look, **more):
    MISTAKES.append(Mistake(name, role, rule, sent, look, **more))


def both(name, rule, sent, look, frames, museum="client", **more):
    """A wrong frame that either side can send; the museum shows one of them."""
    for role in ("client", "server"):
        mistake(f"{role}-{name}", role, rule, sent, look, frames=frames, museum=museum == role, **more)


# --- framing, rules 1 to 12 --------------------------------------------------------------------------------------

F = wire.frame

for bit, value in ((1, 4), (2, 2), (3, 1)):
    both(
        f"rsv{bit}",
        "rfc6455.frame.rsv-without-extension",
        f"A text frame with RSV{bit} set; no extension was agreed",
        f"The second text frame of this side begins {0x81 | value << 4:02x} where the first began 81: the {('first', 'second', 'third')[bit - 1]} bit after FIN is 1",
        lambda mask, value=value: [F(TEXT, b"Hello", mask, rsv=value)],
        museum="server" if bit == 3 else "client",
    )
for opcode in (3, 11):
    both(
        f"reserved-opcode-{opcode:x}",
        "rfc6455.frame.reserved-opcode",
        f"A frame with opcode {opcode:X}",
        f"The low four bits of the frame's first byte, {0x80 | opcode:02x}",
        lambda mask, opcode=opcode: [F(opcode, b"Hello", mask)],
    )
mistake(
    "client-unmasked", "client", "rfc6455.mask.client-must-mask",
    "A client sends a text frame without a mask",
    "The frame's second byte is 05, not 85: the MASK bit is 0, and Hello stands there in plain letters",
    frames=lambda mask: [F(TEXT, b"Hello")],
)
mistake(
    "server-masked", "server", "rfc6455.mask.server-must-not-mask",
    "A server masks a text frame",
    "The frame's second byte is 85: the MASK bit is 1, and four bytes of key follow",
    frames=lambda mask: [F(TEXT, b"Hello", wire.MASK)],
)
both(
    "length-16-for-5", "rfc6455.length.minimal",
    "Five bytes of payload announced in the 16-bit length",
    "The second byte announces form 126, then 00 05: three bytes for a length that fits in seven bits",
    lambda mask: [F(TEXT, b"Hello", mask, form=16)],
)
both(
    "length-64-for-5", "rfc6455.length.minimal",
    "Five bytes of payload announced in the 64-bit length",
    "The second byte announces form 127, then seven bytes 00 and 05",
    lambda mask: [F(TEXT, b"Hello", mask, form=64)],
    museum="server",
)
both(
    "length-64-for-126", "rfc6455.length.minimal",
    "126 bytes of payload announced in the 64-bit length",
    "126 does not fit in seven bits, but it fits in sixteen",
    lambda mask: [F(TEXT, b"n" * 126, mask, form=64)],
)
both(
    "length-top-bit", "rfc6455.length.top-bit",
    "A binary frame whose 64-bit length begins with a bit 1",
    "The length's first byte is 80. The frame claims 2^63 + 5 bytes; five come",
    lambda mask: [F(BINARY, b"Hello", mask, form=64, length=1 << 63 | 5)],
    answers=False,
)
both(
    "ping-126", "rfc6455.control.too-long",
    "A ping with 126 bytes of payload",
    "A control frame with the 16-bit length: only 7-bit lengths up to 125 are allowed there",
    lambda mask: [F(PING, b"p" * 126, mask)],
)
both(
    "ping-in-fragments", "rfc6455.control.fragmented",
    "A ping without FIN, and a continuation with the rest",
    "The first byte is 09 where a ping has 89",
    lambda mask: [F(PING, b"Hel", mask, fin=False), F(CONTINUATION, b"lo", mask)],
)
both(
    "continuation-first", "rfc6455.fragment.nothing-to-continue",
    "A continuation frame when no message has begun",
    "The first byte is 80: opcode 0, and the message before it was complete",
    lambda mask: [F(CONTINUATION, b"lo", mask)],
)
both(
    "message-interrupted", "rfc6455.fragment.interrupted",
    "The first fragment of a text, then a whole new text",
    "01 begins a message; 81 begins another one before a frame with FIN ended the first",
    lambda mask: [F(TEXT, b"Hel", mask, fin=False), F(TEXT, b"Hello", mask)],
)
both(
    "text-surrogate", "rfc6455.text.invalid-utf8",
    "A text with ED A0 80, the UTF-8 pattern of half a surrogate pair",
    "After ten good bytes ED may be followed by 80 to 9F only; A0 is the first bad byte",
    lambda mask: [F(TEXT, "κόσμε".encode() + b"\xed\xa0\x80edited", mask)],
)
both(
    "text-overlong", "rfc6455.text.invalid-utf8",
    "A text with C0 AF, a slash written in two bytes",
    "C0 never occurs in UTF-8: a slash is 2F. Filters that look for 2F would miss it",
    lambda mask: [F(TEXT, b"..\xc0\xaf..", mask)],
    museum="server",
)
both(
    "text-bad-second-fragment", "rfc6455.text.invalid-utf8",
    "A text in two fragments; a character is cut between them, as is allowed, but its second half is wrong",
    "E2 82 ends the first fragment and needs one byte of 80 to BF; the second begins with 41",
    lambda mask: [F(TEXT, b"\xe2\x82", mask, fin=False), F(CONTINUATION, b"A", mask)],
)
both(
    "text-cut", "rfc6455.text.cut-utf8",
    "A text that ends in the middle of a character",
    "The last byte is CE, the first of two; the message ends there",
    lambda mask: [F(TEXT, "κό".encode()[:2] + b"\xce", mask)],
)

# --- the closing handshake, rules 13 to 18 -----------------------------------------------------------------------

both(
    "close-one-byte", "rfc6455.close.one-byte",
    "A close frame with one byte of body",
    "The length is 1; a code has two bytes",
    lambda mask: [F(CLOSE, b"\x03", mask)],
)
for code in (1005, 1006, 1015):
    both(
        f"close-{code}", "rfc6455.close.reserved-code",
        f"A close frame with code {code}",
        f"The code's bytes are {code >> 8:02x} {code & 255:02x}. {code} is what a program reports to its user, never a code on the wire",
        lambda mask, code=code: [wire.close(code, b"", mask)],
        museum="server" if code == 1006 else "client",
    )
for code, why in (
    (999, "codes begin at 1000"),
    (1016, "1016 to 2999 wait for a registration"),
    (5000, "codes end at 4999"),
):
    both(
        f"close-{code}", "rfc6455.close.code-range",
        f"A close frame with code {code}",
        f"The code's bytes are {code >> 8:02x} {code & 255:02x}: {why}",
        lambda mask, code=code: [wire.close(code, b"", mask)],
        museum="server" if code == 5000 else "client",
    )
both(
    "close-reason-not-utf8", "rfc6455.close.reason-utf8",
    "A close frame with code 1000 and a reason in Latin-1",
    "The reason is ‘cl F4 ture’: F4 begins a character of four bytes, but a letter follows",
    lambda mask: [wire.close(1000, b"cl\xf4ture", mask)],
)
both(
    "data-after-close", "rfc6455.close.data-after",
    "A close frame with 1000, then a text frame",
    "The text ‘one more thing’ follows the close frame of the same side",
    lambda mask: [wire.close(1000, b"", mask), F(TEXT, b"one more thing", mask)],
)


def hang_up_on_close(link, _request):
    link.send(first_message(link, RFC))
    while True:
        opcode, payload, _, _ = link.frame()
        if opcode == CLOSE:
            link.close_code = int.from_bytes(payload[:2], "big") if len(payload) > 1 else 1005
            return


mistake(
    "server-close-not-answered", "server", "rfc6455.close.no-answer",
    "A server that ends the TCP connection when it reads a close frame",
    "The client's close frame is followed by the server's FIN, with no close frame between them",
    act=hang_up_on_close,
)

# --- ping and pong, rules 19 and 20 ------------------------------------------------------------------------------


def server_loop(on_ping=None, on_text=None, limit=None):
    """A server that echoes and answers; what it does differently comes in as functions of the payload."""

    def run(link, _request):
        while True:
            opcode, payload, _, _ = link.frame()
            if opcode == PING:
                link.send(on_ping(payload) if on_ping else F(PONG, payload))
            elif opcode in (TEXT, BINARY):
                for data in on_text(payload) if on_text else [F(opcode, payload)]:
                    link.send(data)
                    time.sleep(0.02)
            elif opcode == CLOSE:
                link.close_code = int.from_bytes(payload[:2], "big") if len(payload) > 1 else 1005
                if limit is None:
                    link.send(F(CLOSE, payload))
                return

    return run


mistake(
    "server-pong-differs", "server", "rfc6455.pong.payload-differs",
    "A server that answers the ping ‘Hello’ with the pong ‘Goodbye’",
    "Ping and pong carry different payloads, so nobody can tell which ping was answered",
    act=server_loop(on_ping=lambda payload: F(PONG, b"Goodbye")),
    options={"ping": "Hello"},
    mark=F(PONG, b"Goodbye"),
)
both(
    "pong-unsolicited", "rfc6455.pong.unsolicited",
    "A pong that no ping asked for",
    "The pong ‘still here’; no ping came before. It is allowed, and the connection goes on",
    lambda mask: [F(PONG, b"still here", mask)],
)

# --- the opening handshake, rules 21 to 30 -----------------------------------------------------------------------


def request(name, rule, sent, look, edit=None, **more):
    mistake(name, "client", rule, sent, look, edit=edit, **more)


def response(name, rule, sent, look, edit=None, **more):
    mistake(name, "server", rule, sent, look, edit=edit, **more)


request(
    "request-post", "rfc6455.handshake.request-line",
    "An opening request with POST", "The first word of the request", start="POST / HTTP/1.1",
)
request(
    "request-http-1.0", "rfc6455.handshake.request-line",
    "An opening request of HTTP/1.0", "The version at the end of the first line; Upgrade came with HTTP/1.1",
    start="GET / HTTP/1.0",
)
request(
    "request-key-missing", "rfc6455.handshake.key-count",
    "An opening request without Sec-WebSocket-Key", "The fields: a version, but no key",
    without("Sec-WebSocket-Key"),
)
request(
    "request-key-twice", "rfc6455.handshake.key-count",
    "An opening request with two keys", "Sec-WebSocket-Key stands there twice, with different values",
    added(("Sec-WebSocket-Key", "2SCVXUeP9cTjV+0mWB8J6A==")),
)
request(
    "request-key-12-bytes", "rfc6455.handshake.key-size",
    "A key that is base64 of 12 bytes", "The key has 16 characters; base64 of 16 bytes has 24",
    changed("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBu"),
)
request(
    "request-version-99", "rfc6455.handshake.version",
    "An opening request of version 99", "The answer: 426, with the versions that the server speaks",
    changed("Sec-WebSocket-Version", "99"),
)
request(
    "request-version-missing", "rfc6455.handshake.version",
    "An opening request with a key but no version", "The fields: a key, but no Sec-WebSocket-Version",
    without("Sec-WebSocket-Version"),
)
request(
    "request-upgrade-missing", "rfc6455.handshake.upgrade-token",
    "An opening request without Upgrade", "The fields: Connection says Upgrade, but no field says to what",
    without("Upgrade"),
)
request(
    "request-connection-keep-alive", "rfc6455.handshake.connection-token",
    "An opening request with Connection: keep-alive", "Connection does not name Upgrade: what a proxy that knows no WebSocket makes of a request",
    changed("Connection", "keep-alive"),
)
response(
    "response-accept-wrong", "rfc6455.handshake.accept",
    "A 101 with the accept value of another key", "The value belongs to the key 2SCVXUeP9cTjV+0mWB8J6A==, which this client did not send",
    changed("Sec-WebSocket-Accept", "mLDKNeBNWz6T9SxU+o0Fy/HgeSw="),
)
response(
    "response-subprotocol-not-offered", "rfc6455.handshake.subprotocol",
    "A client offers chat; the server chooses superchat", "Sec-WebSocket-Protocol in request and response",
    added(("Sec-WebSocket-Protocol", "superchat")), options={"subprotocols": ["chat"]},
)
response(
    "response-extension-not-offered", "rfc6455.handshake.extension",
    "A server agrees to permessage-deflate, which the client did not offer", "Sec-WebSocket-Extensions stands in the response only",
    added(("Sec-WebSocket-Extensions", "permessage-deflate")),
)
response(
    "response-extension-parameter", "rfc6455.handshake.extension",
    "A server agrees to permessage-deflate with a parameter that does not exist", "The parameter ‘level’; RFC 7692 has four, and this is none of them",
    added(("Sec-WebSocket-Extensions", "permessage-deflate; level=9")), options={"deflate": True},
)
request(
    "request-origin-refused", "rfc6455.handshake.origin",
    "An opening request from http://elsewhere.example; the server lets in http://museum.example only", "Origin in the request, 403 in the answer. The client did nothing wrong: the server decides",
    changed("Origin", "http://elsewhere.example"), options={"origins": [wire.ORIGIN]}, also=("rfc6455.handshake.status",),
)
request(
    "request-early-data", "rfc6455.handshake.early-data",
    "A text frame behind the opening request, in the same segment", "The request's packet ends with 81 85 …: a frame, before any 101",
    raw=lambda raw: raw + F(TEXT, b"Hello", wire.MASK),
)

# --- permessage-deflate, rules 31 to 34 --------------------------------------------------------------------------

DEFLATE = {"deflate": True}
HELLO = wire.deflate(b"Hello")

both(
    "rsv1-on-continuation", "rfc7692.rsv1.position",
    "A compressed text in two fragments, both with RSV1",
    "The first frame begins 41, with RSV1: right. The continuation begins c0, with RSV1 again: wrong",
    lambda mask: [F(TEXT, HELLO[:3], mask, fin=False, rsv=4), F(CONTINUATION, HELLO[3:], mask, rsv=4)],
    options=DEFLATE,
)
both(
    "rsv1-on-ping", "rfc7692.rsv1.position",
    "A ping with RSV1, as if it were compressed",
    "The first byte is c9; control frames are never compressed",
    lambda mask: [F(PING, HELLO, mask, rsv=4)],
    options=DEFLATE, museum="server",
)
both(
    "inflate-fails", "rfc7692.inflate.failed",
    "A compressed text whose DEFLATE block has the reserved type 3",
    "The payload's first byte is 07: the last block, of type 11, which DEFLATE does not have",
    lambda mask: [F(TEXT, b"\x07\xff\xff", mask, rsv=4)],
    options=DEFLATE,
)


def forgets_to_forget(mask):
    shared = zlib.compressobj(9, zlib.DEFLATED, -15)
    text = b"the same words twice"
    return [F(TEXT, wire.deflate(text, shared), mask, rsv=4), F(TEXT, wire.deflate(text, shared), mask, rsv=4)]


mistake(
    "client-keeps-window", "client", "rfc7692.inflate.failed",
    "client_no_context_takeover is agreed, but the client's second message points back into the first",
    "The second compressed text is short because it refers to the first; a receiver that forgot the first cannot read it",
    frames=forgets_to_forget, options={"deflate": "permessage-deflate; client_no_context_takeover"},
)
response(
    "response-window-bits-16", "rfc7692.window-bits",
    "A server agrees to server_max_window_bits=16", "The parameter's value: 8 to 15 are possible",
    added(("Sec-WebSocket-Extensions", "permessage-deflate; server_max_window_bits=16")), options=DEFLATE,
)
response(
    "response-window-bits-leading-zero", "rfc7692.window-bits",
    "A server agrees to server_max_window_bits=08", "The parameter's value: digits without a leading zero",
    added(("Sec-WebSocket-Extensions", "permessage-deflate; server_max_window_bits=08")), options=DEFLATE,
)


@cache
def bomb(mask):
    """65 MiB and one byte of zeros, about 66 KB when deflated. Made once: it takes a while."""
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = b"".join(squeeze.compress(bytes(1 << 20)) for _ in range(65)) + squeeze.compress(b"\0")
    return [F(BINARY, packed + squeeze.flush(zlib.Z_SYNC_FLUSH)[:-4], mask, rsv=4)]


both(
    "deflate-bomb", "rfc7692.inflate.limit",
    "65 MiB and one byte of zeros, compressed to about 66 KB",
    "The frame's length and the message's: about a thousand to one. A receiver counts while it inflates",
    bomb, options=DEFLATE,
)

# --- hixie and the Flash policy, rules 35 to 45 ------------------------------------------------------------------

request(
    "hixie76-key-no-spaces", "hixie76.key.no-spaces",
    "Sec-WebSocket-Key1 without a space", "Key1 has digits and other characters, but nothing to divide by",
    changed("Sec-WebSocket-Key1", wire.KEY1.replace(" ", "")), protocol=H76,
)
request(
    "hixie76-key-not-multiple", "hixie76.key.not-multiple",
    "Sec-WebSocket-Key1 whose number is not a multiple of its spaces", "2785899415 divided by 4 spaces leaves 3",
    changed("Sec-WebSocket-Key1", "2 L785 8o% s9Sy9@V. 4<1P5"), protocol=H76,
)
request(
    "hixie76-key-too-large", "hixie76.key.number-too-large",
    "Sec-WebSocket-Key1 whose digits make 99999999990", "Eleven digits; the largest number is 4294967295. Two spaces divide it evenly, so only its size is wrong",
    changed("Sec-WebSocket-Key1", "9x 99999@99 990"), protocol=H76,
)
request(
    "hixie76-key3-short", "hixie76.key3.short",
    "Four bytes after the head instead of eight, then the client's end of the stream", "Four bytes ‘^n:d’ behind the empty line, and the FIN",
    raw=lambda raw: raw[:-4], protocol=H76, mark=b"\r\n\r\n^n:d",
)
mistake(
    "hixie76-answer-wrong", "server", "hixie76.answer.wrong",
    "A server that sends the MD5 answer with its first byte changed", "The 16 bytes behind the 101; the right ones begin one higher",
    act=lambda link, answer: bytes([answer[0] - 1 & 255]) + answer[1:], protocol=H76,
)
response(
    "hixie76-origin-differs", "hixie.handshake.mismatch",
    "A server that answers another origin", "Sec-WebSocket-Origin against the request's Origin",
    changed("Sec-WebSocket-Origin", "http://elsewhere.example"), protocol=H76, reaction=("drop", None),
)
response(
    "hixie76-location-differs", "hixie.handshake.mismatch",
    "A server that answers another location", "Sec-WebSocket-Location against Host and path of the request",
    changed("Sec-WebSocket-Location", "ws://elsewhere.example/"), protocol=H76,
)
response(
    "hixie76-subprotocol-differs", "hixie.handshake.mismatch",
    "The client asks for chat, the server answers superchat", "Sec-WebSocket-Protocol in request and response",
    added(("Sec-WebSocket-Protocol", "superchat")), protocol=H76, options={"subprotocols": ["chat"]},
)
response(
    "hixie75-origin-differs", "hixie.handshake.mismatch",
    "A server of hixie-75 that answers another origin", "WebSocket-Origin against the request's Origin",
    changed("WebSocket-Origin", "http://elsewhere.example"), protocol=H75,
)


def hixie(name, role, rule, sent, look, *data, **more):
    mistake(name, role, rule, sent, look, frames=lambda mask: list(data), **{"protocol": H76, **more})


for role in ("client", "server"):
    hixie(
        f"hixie76-{role}-frame-type-01", role, "hixie.frame.unknown-type",
        "A frame of type 01 up to FF", "The first byte; the receiver reads up to FF and drops it",
        b"\x01Hello\xff", museum=role == "server",
    )
    hixie(
        f"hixie76-{role}-length-overflow", role, "hixie.length.overflow",
        "A frame of type 80 whose length goes on and on", "Eleven bytes with the high bit set: more than 64 bits of length",
        b"\x80" + b"\xff" * 11 + b"\x7f", museum=role == "client", answers=False,
    )
    hixie(
        f"hixie76-{role}-text-not-utf8", role, "hixie.text.invalid-utf8",
        "A text with the Latin-1 byte E9", "63 61 66 E9 is ‘café’ in Latin-1; read as UTF-8, E9 becomes U+FFFD",
        b"\x00caf\xe9\xff", museum=role == "client",
    )
    hixie(
        f"hixie75-{role}-close", role, "hixie75.close.not-known",
        "FF 00 on a connection of hixie-75", "A closing frame of hixie-76; in hixie-75 it is an empty frame that is skipped",
        b"\xff\x00", protocol=H75, museum=role == "client",
    )
mistake(
    "hixie76-client-text-unterminated", "client", "hixie.text.unterminated",
    "A text frame without FF, then the end of the stream", "00 ‘Hello’ and the FIN",
    act=lambda link, head: (link.send(b"\x00Hello"), link.half_close(), link.drain()), protocol=H76, mark=b"\x00Hello",
)
hixie(
    "hixie76-server-binary", "server", "hixie.frame.binary",
    "A frame of type 80 with five bytes", "80, the length 05, and five bytes that a client of the draft skips",
    b"\x80\x05Hello",
)
mistake(
    "hixie76-server-close-not-answered", "server", "hixie76.close.no-answer",
    "A server that ends the TCP connection when FF 00 comes", "The client's FF 00 is followed by the server's FIN",
    act=lambda link, request: (link.until(b"\xff", 2.0), link.send(b"\x00Hello\xff"), link.until(b"\xff\x00")), protocol=H76,
)
request(
    "hixie76-key3-announced", "hixie76.key3.announced",
    "The eight bytes announced with Content-Length: 8", "A field that the draft does not have, for the sake of proxies",
    added(("Content-Length", "8")), protocol=H76,
)


def ask_without_nul(link, _head):
    link.send(wire.POLICY_REQUEST[:-1])
    time.sleep(0.2)
    link.half_close()
    link.drain()


def answer_policy(policy):
    def run(link, _head):
        link.until(b"\x00")
        link.send(policy)

    return run


mistake(
    "policy-request-no-nul", "client", "flash.policy.no-nul",
    "A policy request without the NUL at its end", "22 bytes where 23 belong. This server answers all the same; others wait",
    act=ask_without_nul, protocol=POLICY, mark=wire.POLICY_REQUEST[:-1],
)
mistake(
    "policy-file-no-nul", "server", "flash.policy.no-nul",
    "A policy file without the NUL at its end", "The answer ends with ‘>’. Flash Player waits for the NUL",
    act=answer_policy(wire.POLICY[:-1]), protocol=POLICY, mark=wire.POLICY[:-1],
)
mistake(
    "policy-not-a-policy", "server", "flash.policy.not-a-policy",
    "A policy request answered with HTTP", "400 Bad Request: what a web server says to <policy-file-request/>",
    act=answer_policy(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"), protocol=POLICY, mark=b"HTTP/1.1 400",
)

# --- beyond the first list ---------------------------------------------------------------------------------------

request(
    "request-host-missing", "rfc6455.handshake.host",
    "An opening request without Host", "The fields: no Host, which HTTP/1.1 demands of every request", without("Host"),
)
response(
    "response-200", "rfc6455.handshake.status",
    "A web page instead of a 101", "The status: 200 is an answer, but no WebSocket",
    lambda fields, _request: [("Content-Type", "text/plain"), ("Content-Length", "6"), ("Connection", "close")],
    start="HTTP/1.1 200 OK", raw=lambda raw: raw + b"Hello\n",
)
response(
    "response-upgrade-missing", "rfc6455.handshake.response-upgrade",
    "A 101 without Upgrade", "The fields: the accept value is right, but nothing says what the connection becomes", without("Upgrade"),
)
response(
    "response-426-no-versions", "rfc6455.handshake.versions-not-listed",
    "A 426 that does not say which versions the server speaks", "The fields: no Sec-WebSocket-Version",
    lambda fields, _request: [("Content-Length", "0"), ("Connection", "close")],
    start="HTTP/1.1 426 Upgrade Required", also=("rfc6455.handshake.status",), reaction=("drop", None),
)
mistake(
    "response-missing", "server", "handshake.incomplete",
    "A server that ends the connection instead of answering", "The client's request, then the server's FIN",
    raw=lambda raw: b"", reaction=("drop", None),
)
request(
    "request-bare-lf", "http.line.bare-lf",
    "An opening request whose lines end with LF alone", "0A without 0D at each line's end",
    raw=lambda raw: raw.replace(b"\r\n", b"\n"),
)
request(
    "request-folded", "http.field.folded",
    "A field that goes on in the next line", "The line after ‘Origin:’ begins with white space",
    raw=lambda raw: raw.replace(b"Origin: ", b"Origin:\r\n  "),
)
request(
    "request-malformed", "http.head.malformed",
    "A line without a colon among the fields", "The line ‘this is not a field’",
    raw=lambda raw: raw.replace(b"\r\n\r\n", b"\r\nthis is not a field\r\n\r\n"),
)
response(
    "response-body-cut", "http.body.cut",
    "A 403 that announces 100 bytes and sends 10", "Content-Length against what stands behind the empty line",
    lambda fields, _request: [("Content-Length", "100"), ("Connection", "close")],
    start="HTTP/1.1 403 Forbidden", raw=lambda raw: raw + b"Forbidden\n", also=("rfc6455.handshake.status",), reaction=("drop", None),
)
response(
    "response-chunk-size", "http.body.malformed",
    "A 404 in chunks, the first of which has the size ‘zz’", "The first line of the body: a size is hexadecimal",
    lambda fields, _request: [("Transfer-Encoding", "chunked"), ("Connection", "close")],
    start="HTTP/1.1 404 Not Found", raw=lambda raw: raw + b"zz\r\nNot here\r\n0\r\n\r\n",
    also=("rfc6455.handshake.status",), reaction=("drop", None),
)

request(
    "request-too-large", "http.head.too-large",
    "An opening request with a cookie of 300 KB", "The head's length: a reader that has no limit must keep all of it",
    added(("Cookie", "crumb=" + "n" * 300_000)), museum=False,
)


def cut_off(link, _head):
    link.send(F(TEXT, b"This text was to have forty-one letters..", wire.MASK)[:20])
    link.half_close()
    link.drain()


mistake(
    "client-frame-cut-off", "client", "stream.ends-inside",
    "A frame that announces 41 bytes of payload, of which 14 come before the end of the stream", "The announced length against the bytes that are there",
    act=cut_off, mark=F(TEXT, b"This text was to have forty-one letters..", wire.MASK)[:20],
)
mistake(
    "client-reset", "client", "tcp.reset",
    "A client that throws the connection away", "The last packet has RST, not FIN", act=lambda link, head: link.reset(),
)

# Deterministic garbage whose first byte already breaks two rules: RSV bits set, and opcode F.
GARBAGE = bytes([0xFF]) + bytes((i * 73 + 41) * (i + 7) >> 3 & 255 for i in range(199))

mistake(
    "client-garbage", "client", "rfc6455.frame.rsv-without-extension",
    "200 bytes of garbage after a good message", "The frame before is right; from FF on nothing fits",
    frames=lambda mask: [GARBAGE], answers=False,
)

# --- the mistakes of published text and code ---------------------------------------------------------------------



BUG = "The right GUID is " + wire.GUID


def accept_with(guid):
    """The accept value as a server with another GUID makes it."""
    return lambda fields, request: changed("Sec-WebSocket-Accept", wire.accept(request.get("Sec-WebSocket-Key"), guid))(fields, request)


def digit_for_letter(fields, _request):
    """The accept value with a digit 1 where a letter l belongs; another letter's case where there is no l."""
    right = dict(fields)["Sec-WebSocket-Accept"]
    wrong = right.replace("l", "1", 1) if "l" in right else right[0].swapcase() + right[1:]
    return changed("Sec-WebSocket-Accept", wrong if wrong != right else "A" + right[1:])(fields, None)


response(
    "bug-guid-258eaf45", "rfc6455.handshake.accept",
    "An accept value made with the GUID 258EAF45-E914-47DA-95CA-C5AB0DC85B11", f"{BUG}: A5, not 45",
    accept_with("258EAF45-E914-47DA-95CA-C5AB0DC85B11"),
)
response(
    "bug-guid-258eaf5", "rfc6455.handshake.accept",
    "An accept value made with the GUID 258EAF5-E914-47DA-95CA-C5AB0DC85B11", f"{BUG}: an A is missing",
    accept_with("258EAF5-E914-47DA-95CA-C5AB0DC85B11"),
)
response(
    "bug-accept-digit-for-letter", "rfc6455.handshake.accept",
    "The accept value SIEy1b7z… for SIEylb7z…", "The fifth character: a digit one where a small letter l belongs",
    digit_for_letter, options={"key": "mh3xLXeRuIWNPwq7ATG9jA=="},
)
response(
    "bug-connection-space", "http.field.space-before-colon",
    "A 101 with a space between ‘Connection’ and its colon", "‘Connection :’. A strict reader finds no field Connection",
    raw=lambda raw: raw.replace(b"Connection:", b"Connection :"), reaction=("drop", None),
)
request(
    "bug-key-23", "rfc6455.handshake.key-size",
    "The key dGhIHNhbXBsZSBub25jZQ==, a copy of the example with a letter missing", "23 characters; base64 comes in fours",
    changed("Sec-WebSocket-Key", "dGhIHNhbXBsZSBub25jZQ=="),
)
request(
    "bug-old-origin", "rfc6455.handshake.old-origin",
    "Sec-WebSocket-Origin in a request of version 13", "The field's name: version 13 calls it Origin again",
    renamed("Origin", "Sec-WebSocket-Origin"),
)


def low_byte_first(size):
    return lambda mask: [b"\x81\x7e" + size.to_bytes(2, "little") + b"n" * size]


mistake(
    "bug-length-low-byte-first", "server", "stream.ends-inside",
    "A text of 200 bytes whose 16-bit length is written low byte first", "c8 00 is 51,200, so the client waits for 51,000 bytes that never come, and even the close frame counts as text",
    frames=low_byte_first(200),
)
mistake(
    "bug-length-low-byte-first-256", "server", "rfc6455.length.minimal",
    "A text of 256 bytes whose 16-bit length is written low byte first", "00 01 is 1, which would fit in seven bits",
    frames=low_byte_first(256),
)
mistake(
    "bug-ping-answered-with-ping", "server", None,
    "A server that answers a ping with a ping", "89 05 comes back instead of 8a 05; the client answers it, as it must, and never gets its pong",
    act=server_loop(on_ping=lambda payload: F(PING, payload)), options={"ping": "Hello"}, mark=F(PING, b"Hello"),
)


def read_as_64_bit(link, _request):
    """What `b2 | 0x7f` makes of a frame: whatever its length, the next eight bytes are taken for one."""
    _, _ = link.take(2, 2.0)
    claimed = int.from_bytes(link.take(8), "big")
    if claimed > 1 << 20:
        link.send(wire.close(1009, b"message too big"))
    link.drain(1.0)


mistake(
    "bug-every-length-64", "server", None,
    "A server that computes ‘b2 | 0x7f’ where ‘b2 & 0x7f’ is meant, and so reads every length as 64 bits",
    "Five bytes of text are refused with 1009, too big: the server took the mask 37fa213d and the first four bytes of the text for the length",
    act=read_as_64_bit, mark=wire.close(1009, b"message too big"),
)
mistake(
    "bug-goes-on-after-1009", "server", "rfc6455.close.data-after",
    "A server that closes with 1009 and then answers the message all the same", "The text frame behind the server's close frame",
    act=server_loop(on_text=lambda payload: [wire.close(1009), F(TEXT, payload)], limit=0), mark=wire.close(1009) + F(TEXT, b"Hello"),
)
