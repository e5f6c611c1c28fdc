"""A peer that keeps the rules, and the judge that it listens to.

The judge (`check_request`, `check_response`, `Frames`, `HixieFrames`) reads bytes and names the rules that they
break, by the ids of Framescope's `src/rule.rs`. It is written from the specifications, apart from Framescope, so that
the two can disagree. `serve` and `connect` are a server and a client that react as the specifications ask.
"""

import base64
import binascii
import codecs
import zlib
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import wire
from wire import CLOSE, CONTINUATION, PING, PONG, TEXT, Ended, Head

HEAD_LIMIT = 64 * 1024
INFLATE_LIMIT = 64 * 1024 * 1024

# What a peer that keeps the rule does when the other end breaks it; a rule that is not here lets it go on.
REACTIONS = {
    **dict.fromkeys(
        """rfc6455.frame.rsv-without-extension rfc6455.frame.reserved-opcode rfc6455.mask.client-must-mask
        rfc6455.mask.server-must-not-mask rfc6455.length.minimal rfc6455.length.top-bit rfc6455.control.too-long
        rfc6455.control.fragmented rfc6455.fragment.nothing-to-continue rfc6455.fragment.interrupted
        rfc6455.close.one-byte rfc6455.close.reserved-code rfc6455.close.code-range rfc7692.rsv1.position""".split(),
        ("close", 1002),
    ),
    **dict.fromkeys(
        """rfc6455.text.invalid-utf8 rfc6455.text.cut-utf8 rfc6455.close.reason-utf8 rfc7692.inflate.failed""".split(),
        ("close", 1007),
    ),
    "rfc7692.inflate.limit": ("close", 1009),
    **dict.fromkeys(
        """rfc6455.handshake.request-line rfc6455.handshake.key-count rfc6455.handshake.key-size
        rfc6455.handshake.upgrade-token rfc6455.handshake.connection-token rfc6455.handshake.host
        http.field.space-before-colon http.head.malformed""".split(),
        ("refuse", 400),
    ),
    "rfc6455.handshake.version": ("refuse", 426),
    "http.head.too-large": ("refuse", 431),
    "rfc6455.handshake.origin": ("refuse", 403),
    **dict.fromkeys(
        """rfc6455.handshake.accept rfc6455.handshake.subprotocol rfc6455.handshake.extension
        rfc6455.handshake.early-data rfc6455.handshake.status rfc6455.handshake.response-upgrade
        rfc7692.window-bits hixie76.key.no-spaces hixie76.key.not-multiple hixie76.key.number-too-large
        hixie76.key3.short hixie76.answer.wrong hixie.handshake.mismatch hixie.length.overflow""".split(),
        ("drop", None),
    ),
}
REASONS = {400: "Bad Request", 403: "Forbidden", 426: "Upgrade Required", 431: "Request Header Fields Too Large"}


def reaction(rule):
    return REACTIONS.get(rule, ("go-on", None))


class Broken(Exception):
    """A rule is broken for which the connection must end."""

    def __init__(self, rule):
        super().__init__(rule)
        self.rule = rule


# --- the judge: handshakes ---------------------------------------------------------------------------------------


def check_request(request, key3=None, origins=None):
    """The rules that an opening request breaks, the most telling first. `key3`: what followed a hixie-76 head."""
    rules, protocol = list(request.odd), wire.protocol_of(request)
    if len(request.raw) > HEAD_LIMIT:
        return ["http.head.too-large"]
    if protocol == "hixie-75":
        return rules
    if protocol == "hixie-76":
        for name in ("Sec-WebSocket-Key1", "Sec-WebSocket-Key2"):
            key = request.get(name, "")
            spaces, digits = key.count(" "), wire.key_digits(key)
            if digits > 0xFFFFFFFF:
                rules.append("hixie76.key.number-too-large")
            elif not spaces:
                rules.append("hixie76.key.no-spaces")
            elif digits % spaces:
                rules.append("hixie76.key.not-multiple")
        if key3 is not None and len(key3) < 8:
            rules.append("hixie76.key3.short")
        if request.get("Content-Length"):
            rules.append("hixie76.key3.announced")
        return rules
    if not request.start.startswith("GET ") or not request.start.endswith(" HTTP/1.1"):
        rules.append("rfc6455.handshake.request-line")
    if not request.get("Host"):
        rules.append("rfc6455.handshake.host")
    if "websocket" not in [token.lower() for token in request.tokens("Upgrade")]:
        rules.append("rfc6455.handshake.upgrade-token")
    if "upgrade" not in [token.lower() for token in request.tokens("Connection")]:
        rules.append("rfc6455.handshake.connection-token")
    if len(request.all("Sec-WebSocket-Key")) != 1:
        rules.append("rfc6455.handshake.key-count")
    else:
        try:
            if len(base64.b64decode(request.get("Sec-WebSocket-Key").strip(), validate=True)) != 16:
                rules.append("rfc6455.handshake.key-size")
        except binascii.Error:
            rules.append("rfc6455.handshake.key-size")
    if request.get("Sec-WebSocket-Version") not in ("7", "8", "13"):
        rules.append("rfc6455.handshake.version")
    if request.get("Sec-WebSocket-Version") == "13" and request.get("Sec-WebSocket-Origin") is not None:
        rules.append("rfc6455.handshake.old-origin")
    if origins and request.get("Origin", request.get("Sec-WebSocket-Origin")) not in origins:
        rules.append("rfc6455.handshake.origin")
    return rules


def extensions(headers):
    """Extension offers or answers as (name, {parameter: value})."""
    for offer in headers.tokens("Sec-WebSocket-Extensions"):
        name, *rest = (part.strip() for part in offer.split(";"))
        yield name, {key.strip(): value.strip(' "') for key, _, value in (part.partition("=") for part in rest)}


def bits_fit(parameters):
    return all(
        value in map(str, range(8, 16))
        for key, value in parameters.items()
        if key.endswith("_max_window_bits") and not (key.startswith("client") and value == "")
    )


def check_response(request, response, answer=None):
    """The rules that the answer to an opening request breaks. `answer`: the 16 bytes after a hixie-76 head."""
    rules, protocol = list(response.odd), wire.protocol_of(request)
    if response.status != 101:
        if response.status == 426 and response.get("Sec-WebSocket-Version") is None:
            rules.append("rfc6455.handshake.versions-not-listed")
        return rules + ["rfc6455.handshake.status"]
    if protocol in ("hixie-75", "hixie-76"):
        sec = "" if protocol == "hixie-75" else "Sec-"
        pairs = [
            (response.get(f"{sec}WebSocket-Origin"), request.get("Origin")),
            (response.get(f"{sec}WebSocket-Location"), f"ws://{request.get('Host')}{request.target}"),
            (response.get(f"{sec}WebSocket-Protocol"), request.get(f"{sec}WebSocket-Protocol")),
        ]
        if any(given != wanted for given, wanted in pairs):
            rules.append("hixie.handshake.mismatch")
        if protocol == "hixie-76" and answer is not None:
            keys = request.get("Sec-WebSocket-Key1"), request.get("Sec-WebSocket-Key2")
            if answer != wire.answer76(*keys, wire.KEY3):
                rules.append("hixie76.answer.wrong")
        return rules
    if (response.get("Upgrade") or "").lower() != "websocket" or "upgrade" not in map(str.lower, response.tokens("Connection")):
        rules.append("rfc6455.handshake.response-upgrade")
    if response.all("Sec-WebSocket-Accept") != [wire.accept(request.get("Sec-WebSocket-Key", "").strip())]:
        rules.append("rfc6455.handshake.accept")
    chosen = response.get("Sec-WebSocket-Protocol")
    if chosen is not None and chosen not in request.tokens("Sec-WebSocket-Protocol"):
        rules.append("rfc6455.handshake.subprotocol")
    offered = {name for name, _ in extensions(request)}
    for name, parameters in extensions(response):
        if name not in offered:
            rules.append("rfc6455.handshake.extension")
        elif not bits_fit(parameters):
            rules.append("rfc7692.window-bits")
        elif not parameters.keys() <= KNOWN:
            rules.append("rfc6455.handshake.extension")
    return rules


KNOWN = {f"{side}_{what}" for side in ("server", "client") for what in ("no_context_takeover", "max_window_bits")}


# --- the judge: frames -------------------------------------------------------------------------------------------


@dataclass
class Message:
    kind: object  # an opcode of hybi; "text", "close" or "skipped" for hixie
    payload: bytes


@dataclass
class Frames:
    """The frames of one direction of hybi or RFC 6455; `feed` returns the messages that became complete."""

    from_client: bool
    deflate: bool = False
    keep_window: bool = True
    rules: list = field(default_factory=list)  # rules for which the connection need not end
    closed: bool = False

    def __post_init__(self):
        self.buffer, self.opcode, self.compressed, self.parts = bytearray(), None, False, b""
        self.inflater = zlib.decompressobj(-15)
        self.utf8 = None

    def feed(self, data):
        self.buffer += data
        while (found := self.frame()) is not None:
            size, fin, rsv, opcode, payload = found
            del self.buffer[:size]
            if self.closed:
                self.rules.append("rfc6455.close.data-after")
            message = self.control(opcode, payload) if opcode >= 8 else self.data(fin, rsv, opcode, payload)
            if message:
                yield message

    def frame(self):
        if len(self.buffer) < 2:
            return None
        first, second = self.buffer[:2]
        fin, rsv, opcode, size = bool(first & 0x80), first >> 4 & 7, first & 15, second & 0x7F
        if rsv & (3 if self.deflate else 7):
            raise Broken("rfc6455.frame.rsv-without-extension")
        if rsv and opcode not in (1, 2):
            raise Broken("rfc7692.rsv1.position")
        if opcode not in (0, 1, 2, 8, 9, 10):
            raise Broken("rfc6455.frame.reserved-opcode")
        if bool(second & 0x80) != self.from_client:
            raise Broken("rfc6455.mask.client-must-mask" if self.from_client else "rfc6455.mask.server-must-not-mask")
        if opcode >= 8 and not fin:
            raise Broken("rfc6455.control.fragmented")
        if opcode >= 8 and size > 125:
            raise Broken("rfc6455.control.too-long")
        if opcode == CONTINUATION and self.opcode is None:
            raise Broken("rfc6455.fragment.nothing-to-continue")
        if opcode in (1, 2) and self.opcode is not None:
            raise Broken("rfc6455.fragment.interrupted")
        at = 2
        if size >= 126:
            width = 2 if size == 126 else 8
            if len(self.buffer) < 2 + width:
                return None
            size, at = int.from_bytes(self.buffer[2 : 2 + width], "big"), 2 + width
            if size >> 63:
                raise Broken("rfc6455.length.top-bit")
            if size <= (125 if width == 2 else 0xFFFF):
                raise Broken("rfc6455.length.minimal")
        mask = bytes(self.buffer[at : at + 4]) if self.from_client else None
        at += 4 if self.from_client else 0
        if len(self.buffer) < at + size:
            return None
        payload = bytes(self.buffer[at : at + size])
        return at + size, fin, rsv, opcode, wire.xor(payload, mask) if mask else payload

    def control(self, opcode, payload):
        if opcode == CLOSE:
            self.closed = True
            if len(payload) == 1:
                raise Broken("rfc6455.close.one-byte")
            if payload:
                code = int.from_bytes(payload[:2], "big")
                if code in (1005, 1006, 1015):
                    raise Broken("rfc6455.close.reserved-code")
                if not (1000 <= code <= 1014 and code != 1004 or 3000 <= code <= 4999):
                    raise Broken("rfc6455.close.code-range")
                try:
                    payload[2:].decode()
                except UnicodeDecodeError:
                    raise Broken("rfc6455.close.reason-utf8") from None
        return Message(opcode, payload)

    def data(self, fin, rsv, opcode, payload):
        if opcode != CONTINUATION:
            self.opcode, self.compressed, self.parts = opcode, bool(rsv & 4), b""
            self.utf8 = codecs.getincrementaldecoder("utf-8")() if opcode == TEXT else None
        if self.compressed:
            payload = self.inflate(payload + (b"\x00\x00\xff\xff" if fin else b""))
        self.parts += payload
        if self.utf8:
            try:
                self.utf8.decode(payload)
            except UnicodeDecodeError:
                raise Broken("rfc6455.text.invalid-utf8") from None
            if fin and self.utf8.getstate()[0]:
                raise Broken("rfc6455.text.cut-utf8")
        if not fin:
            return None
        if not self.keep_window:
            self.inflater = zlib.decompressobj(-15)
        whole, self.opcode = Message(self.opcode, self.parts), None
        return whole

    def inflate(self, data):
        try:
            out = self.inflater.decompress(data, INFLATE_LIMIT + 1 - len(self.parts))
        except zlib.error:
            raise Broken("rfc7692.inflate.failed") from None
        if len(self.parts) + len(out) > INFLATE_LIMIT:
            raise Broken("rfc7692.inflate.limit")
        return out


@dataclass
class HixieFrames:
    """The frames of one direction of hixie-75 or hixie-76."""

    old: bool  # hixie-75
    rules: list = field(default_factory=list)

    def __post_init__(self):
        self.buffer = bytearray()

    def feed(self, data):
        self.buffer += data
        while self.buffer:
            kind = self.buffer[0]
            if kind < 0x80:
                end = self.buffer.find(0xFF)
                if end < 0:
                    return
                text = bytes(self.buffer[1:end])
                del self.buffer[: end + 1]
                if kind:
                    self.rules.append("hixie.frame.unknown-type")
                    continue
                try:
                    text.decode()
                except UnicodeDecodeError:
                    self.rules.append("hixie.text.invalid-utf8")
                yield Message("text", text)
            else:
                size, at = 0, 1
                while True:
                    if at >= len(self.buffer):
                        return
                    size = size << 7 | self.buffer[at] & 0x7F
                    at += 1
                    if size >> 64:
                        raise Broken("hixie.length.overflow")
                    if not self.buffer[at - 1] & 0x80:
                        break
                if len(self.buffer) < at + size:
                    return
                payload = bytes(self.buffer[at : at + size])
                del self.buffer[: at + size]
                if kind == 0xFF and size == 0:
                    if self.old:
                        self.rules.append("hixie75.close.not-known")
                    else:
                        yield Message("close", b"")
                else:
                    self.rules.append("hixie.frame.binary")
                    yield Message("skipped", payload)

    def at_end(self):
        if self.buffer and self.buffer[0] < 0x80:
            self.rules.append("hixie.text.unterminated")


# --- the careful server and client -------------------------------------------------------------------------------


def reader(protocol, request, response, from_client):
    """The judge of one direction, set up as the handshake agreed."""
    if protocol in ("hixie-75", "hixie-76"):
        return HixieFrames(old=protocol == "hixie-75")
    agreed = dict(extensions(response)).get("permessage-deflate")
    side = "client" if from_client else "server"
    return Frames(from_client, agreed is not None, f"{side}_no_context_takeover" not in (agreed or {}))


def fail(link, rule, mask, frames):
    """Ends a connection over a broken rule, as `REACTIONS` says."""
    kind, number = reaction(rule)
    if kind == "close":
        link.send(wire.close(number, rule.encode(), mask))
        if frames is None or not frames.closed:
            # The other side's close comes at once or not at all; what stands before it is not read any more.
            try:
                link.more(1.0)
                link.drain(0.1)
            except Ended:
                pass
    elif kind == "refuse":
        fields = [("Content-Length", "0"), ("Connection", "close")]
        if number == 426:
            fields[:0] = [("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13, 8, 7")]
        link.send(wire.head(f"HTTP/1.1 {number} {REASONS[number]}", fields))


def answer_request(link, request, options):
    """The server's half of a handshake: returns the protocol and the response, or raises Broken."""
    protocol = wire.protocol_of(request)
    key3 = None
    if protocol == "hixie-76":
        try:
            key3 = link.take(8, 1.0)
        except Ended:
            key3 = bytes(link.unread)
    fatal = [rule for rule in check_request(request, key3, options.get("origins")) if reaction(rule)[0] != "go-on"]
    if protocol not in ("hixie-75", "hixie-76") and link.unread:
        fatal.append("rfc6455.handshake.early-data")
    if fatal:
        raise Broken(fatal[0])
    chosen = next((name for name in request.tokens("Sec-WebSocket-Protocol") if name in options.get("subprotocols", ())), None)
    agreed = None
    if options.get("deflate"):
        for name, parameters in extensions(request):
            if name == "permessage-deflate" and bits_fit(parameters):
                keep = [key for key in ("server_no_context_takeover", "client_no_context_takeover") if key in parameters]
                agreed = "; ".join([name, *keep])
                break
    start, fields = wire.response_fields(protocol, request, subprotocol=chosen, extension=agreed)
    raw = wire.head(start, fields)
    link.send(raw)
    if protocol == "hixie-76":
        link.send(wire.answer76(request.get("Sec-WebSocket-Key1"), request.get("Sec-WebSocket-Key2"), key3))
    return protocol, Head(raw)


def serve(link, options):
    """Serves one connection: an echo server, of the Flash policy too."""
    frames = None
    try:
        if link.more() and link.unread[:1] == b"<":
            link.until(b"/>")
            link.send(wire.POLICY)
            return
        request = link.head()
        link.after_head = len(link.received) - len(link.unread)
        protocol, response = answer_request(link, request, options)
        frames = reader(protocol, request, response, True)
        while True:
            for message in frames.feed(bytes(link.unread)):
                if message.kind == "text":
                    link.send(wire.hixie_text(message.payload))
                elif message.kind == "close":
                    link.send(b"\xff\x00")
                    return
                elif message.kind == CLOSE:
                    link.send(wire.frame(CLOSE, message.payload))
                    link.drain(0.1)
                    return
                elif message.kind == PING:
                    link.send(wire.frame(PONG, message.payload))
                elif message.kind in (TEXT, wire.BINARY):
                    link.send(wire.frame(message.kind, message.payload))
            link.unread.clear()
            link.more()
    except Broken as broken:
        fail(link, broken.rule, None, frames)
    except Ended:
        pass
    finally:
        link.hang_up()


def connect(link, url, protocol, options):
    """A client: says what `options` hold, waits a moment for each answer, closes."""
    parts = urlsplit(url)
    mask = wire.MASK
    frames = None
    try:
        if protocol == "flash-policy":
            link.send(wire.POLICY_REQUEST)
            link.drain(1.0)
            return
        raw = wire.head(
            f"GET {parts.path or '/'} HTTP/1.1",
            wire.request_fields(
                protocol,
                parts.netloc,
                subprotocols=options.get("subprotocols", ()),
                deflate=options.get("deflate"),
                key=options.get("key", wire.KEY),
            ),
        )
        link.send(raw + (wire.KEY3 if protocol == "hixie-76" else b""))
        request, response = Head(raw), link.head()
        link.status, link.after_head = response.status, len(link.received) - len(link.unread)
        answer = link.take(16) if protocol == "hixie-76" and response.status == 101 else None
        fatal = [rule for rule in check_response(request, response, answer) if reaction(rule)[0] != "go-on"]
        # A client may read past the space before a colon; Connection is found all the same.
        fatal = [rule for rule in fatal if rule != "http.field.space-before-colon"]
        if fatal:
            raise Broken(fatal[0])
        frames = reader(protocol, request, response, False)
        talk(link, frames, protocol, mask, options)
    except Broken as broken:
        fail(link, broken.rule, mask, frames)
    except Ended:
        pass
    finally:
        link.hang_up()


def talk(link, frames, protocol, mask, options):
    hixie = protocol in ("hixie-75", "hixie-76")

    def answers(wanted, patience=0.4):
        """Reads until a message of a wanted kind came, or for a moment; answers pings and a close on the way."""
        while True:
            for message in frames.feed(bytes(link.unread)):
                if message.kind == PING:
                    link.send(wire.frame(PONG, message.payload, mask))
                elif message.kind == CLOSE and CLOSE not in wanted:
                    link.send(wire.frame(CLOSE, message.payload, mask))
                    link.unread.clear()
                    drain_judged(link, frames)
                    raise Ended("closed")
                if message.kind in wanted:
                    link.unread.clear()
                    return
            link.unread.clear()
            try:
                link.more(patience)
            except Ended as end:
                if end.how != "timeout":
                    raise
                return

    for text in options.get("say", ["Hello"]):
        link.send(wire.hixie_text(text.encode()) if hixie else wire.frame(TEXT, text.encode(), mask))
        answers(("text",) if hixie else (TEXT,))
    if "ping" in options:
        link.send(wire.frame(PING, options["ping"].encode(), mask))
        answers((PONG,))
    answers((), options.get("linger", 0.15))
    if protocol == "hixie-76":
        link.send(b"\xff\x00")
        answers(("close",))
    elif not hixie:
        link.send(wire.close(1000, b"", mask))
        answers((CLOSE,))
        drain_judged(link, frames)


def drain_judged(link, frames):
    """Reads on after the closing handshake, in case more comes than may come."""
    try:
        while True:
            link.more(1.0)
            for _ in frames.feed(bytes(link.unread)):
                pass
            link.unread.clear()
    except Ended:
        pass


# --- the judge over both streams of a recording ------------------------------------------------------------------


def judge(client, server, early=0, origins=None):
    """Every rule that two recorded streams break. `early`: how many of the client's bytes came before any answer."""
    rules = []
    if client.startswith(b"<policy-file-request/>"):
        rules += [] if client.endswith(b"\x00") else ["flash.policy.no-nul"]
        if b"<cross-domain-policy" not in server:
            return rules + ["flash.policy.not-a-policy"]
        return rules + ([] if server.endswith(b"\x00") else ["flash.policy.no-nul"])
    cut = [at + len(end) for end in (b"\r\n\r\n", b"\n\n") if (at := client.find(end)) >= 0]
    if not cut:
        return rules
    request, client_rest, early = Head(client[: min(cut)]), client[min(cut) :], early - min(cut)
    protocol = wire.protocol_of(request)
    key3 = answer = None
    if protocol == "hixie-76":
        key3, client_rest = client_rest[:8], client_rest[8:]
    elif protocol != "hixie-75" and early > 0:
        rules.append("rfc6455.handshake.early-data")
    rules += check_request(request, key3, origins)
    at = server.find(b"\r\n\r\n") + 4
    if at < 4:
        return rules + ["handshake.incomplete"]
    response, server_rest = Head(server[:at]), server[at:]
    if protocol == "hixie-76" and response.status == 101:
        answer, server_rest = server_rest[:16], server_rest[16:]
    rules += check_response(request, response, answer)
    if response.status != 101:
        return rules + check_body(response, server_rest)
    heard = {}
    for who, data in (("client", client_rest), ("server", server_rest)):
        frames = reader(protocol, request, response, who == "client")
        heard[who] = []
        try:
            heard[who].extend(frames.feed(data))
        except Broken as broken:
            rules.append(broken.rule)
        if isinstance(frames, HixieFrames):
            frames.at_end()
        elif frames.buffer and not (rules and reaction(rules[-1])[0] == "close"):
            rules.append("stream.ends-inside")
        rules += frames.rules
        heard[who + " closed"] = getattr(frames, "closed", None)
    return rules + check_pairs(protocol, heard)


def check_body(response, body):
    if response.get("Content-Length") and len(body) < int(response.get("Content-Length")):
        return ["http.body.cut"]
    if response.get("Transfer-Encoding") == "chunked":
        size = body.split(b"\r\n")[0]
        if not size or any(c not in b"0123456789abcdefABCDEF" for c in size):
            return ["http.body.malformed"]
    return []


def check_pairs(protocol, heard):
    """What only both directions together tell: pings and their pongs, a close and its answer."""
    rules = []
    for who, other in (("client", "server"), ("server", "client")):
        pings = [m.payload for m in heard[other] if m.kind == PING]
        for pong in (m.payload for m in heard[who] if m.kind == PONG):
            if not pings:
                rules.append("rfc6455.pong.unsolicited")
            elif pong not in pings:
                rules.append("rfc6455.pong.payload-differs")
        if protocol == "hixie-76":
            closed = [any(m.kind == "close" for m in heard[side]) for side in (who, other)]
            if closed == [True, False]:
                rules.append("hixie76.close.no-answer")
        elif heard[who + " closed"] and not heard[other + " closed"]:
            rules.append("rfc6455.close.no-answer")
    return rules


