#!/usr/bin/env python3
"""Records what may stand before a WebSocket: PROXY headers and SOCKS.

    preludes.py            records captures/prelude/*.pcapng
    preludes.py --tunnel   records through a byte tunnel, without tcpdump

Each file is one TCP connection over loopback: a client of this file writes the prelude, a server of this file reads it,
and behind it they shake hands and exchange a few messages with the bytes of tests/peers/wire.py. For SOCKS the
server is a proxy, and what is recorded is the connection between client and proxy; the proxy carries the bytes to an
echo server over a second one. Ports, times and TCP sequence numbers differ between two recordings.
Python 3.11, standard library only; tcpdump where it is there and may record.
"""

import argparse
import socket
import struct
import sys
import threading
from pathlib import Path

HERE = Path(__file__).resolve().parent
CAPTURES = HERE.parent
sys.path[:0] = [str(CAPTURES.parent / "tests" / "peers"), str(HERE)]

import pcapng  # noqa: E402
import wire  # noqa: E402

SOURCE, DESTINATION = ("192.168.0.1", 56324), ("192.168.0.11", 443)
SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"


def exactly(link, size):
    data = b""
    while len(data) < size:
        if not (more := link.recv(size - len(data))):
            raise RuntimeError("the other end hung up")
        data += more
    return data


# --- preludes ----------------------------------------------------------------------------------------------------


def proxy_v1():
    return b"PROXY TCP4 %s %s %d %d\r\n" % (SOURCE[0].encode(), DESTINATION[0].encode(), SOURCE[1], DESTINATION[1])


def tlv(kind, value):
    return struct.pack(">BH", kind, len(value)) + value


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0x82F63B78 if crc & 1 else crc >> 1
    return crc ^ 0xFFFFFFFF


def proxy_v2():
    """PROXY for TCP over IPv4, with ALPN, the server's name, what TLS was like, a unique id and a checksum."""
    addresses = socket.inet_aton(SOURCE[0]) + socket.inet_aton(DESTINATION[0]) + struct.pack(">HH", SOURCE[1], DESTINATION[1])
    tls = struct.pack(">BI", 1, 1) + tlv(0x21, b"TLSv1.3") + tlv(0x23, b"TLS_AES_128_GCM_SHA256")
    values = tlv(0x01, b"http/1.1") + tlv(0x02, b"museum.example") + tlv(0x20, tls) + tlv(0x05, bytes.fromhex("c0ffee01"))
    body = addresses + values + tlv(0x03, bytes(4))
    header = SIGNATURE + b"\x21\x11" + struct.pack(">H", len(body)) + body
    return header[:-4] + struct.pack(">I", crc32c(header))


def read_v1(link):
    line = b""
    while not line.endswith(b"\r\n"):
        line += exactly(link, 1)
    assert line == proxy_v1(), line


def read_v2(link):
    fixed = exactly(link, 16)
    assert fixed + exactly(link, struct.unpack(">H", fixed[14:])[0]) == proxy_v2()


def ask_socks5(link, host, port):
    """Both methods offered, user name and password, then CONNECT by name."""
    link.sendall(b"\x05\x02\x00\x02")
    assert exactly(link, 2) == b"\x05\x02"
    link.sendall(b"\x01\x04user\x06secret")
    assert exactly(link, 2) == b"\x01\x00"
    link.sendall(b"\x05\x01\x00\x03" + bytes([len(host)]) + host + struct.pack(">H", port))
    assert exactly(link, 10)[:4] == b"\x05\x00\x00\x01"


def answer_socks5(link):
    """The proxy's side of that. Returns the connection to the target."""
    assert exactly(link, 4) == b"\x05\x02\x00\x02"
    link.sendall(b"\x05\x02")
    assert exactly(link, 13) == b"\x01\x04user\x06secret"
    link.sendall(b"\x01\x00")
    head = exactly(link, 5)
    host, port = exactly(link, head[4]), struct.unpack(">H", exactly(link, 2))[0]
    far = socket.create_connection((host.decode(), port))
    address, bound = far.getsockname()[:2]
    link.sendall(b"\x05\x00\x00\x01" + socket.inet_aton(address) + struct.pack(">H", bound))
    return far


# --- the WebSocket behind ----------------------------------------------------------------------------------------


def read_head(link):
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += exactly(link, 1)
    return head.decode("latin-1")


def read_frame(link):
    first, second = exactly(link, 2)
    mask = exactly(link, 4) if second & 0x80 else None
    payload = exactly(link, second & 0x7F)
    return first & 15, wire.xor(payload, mask) if mask else payload


def echo(link):
    key = next(line for line in read_head(link).split("\r\n") if line.startswith("Sec-WebSocket-Key: "))[19:]
    answer = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"]
    link.sendall("\r\n".join([*answer, f"Sec-WebSocket-Accept: {wire.accept(key)}", "", ""]).encode())
    while True:
        opcode, payload = read_frame(link)
        link.sendall(wire.frame(opcode, payload))
        if opcode == wire.CLOSE:
            break
    link.close()


def talk(link, host):
    fields = ["GET /echo HTTP/1.1", f"Host: {host}", "Upgrade: websocket", "Connection: Upgrade"]
    fields += [f"Sec-WebSocket-Key: {wire.KEY}", "Sec-WebSocket-Version: 13"]
    link.sendall("\r\n".join([*fields, "", ""]).encode())
    assert " 101 " in read_head(link)
    frames = [(wire.TEXT, b"Hello"), (wire.BINARY, bytes(range(8))), (wire.TEXT, b"behind a proxy"), (wire.CLOSE, b"\x03\xe8")]
    for opcode, payload in frames:
        link.sendall(wire.frame(opcode, payload, wire.MASK))
        assert read_frame(link) == (opcode, payload)
    assert link.recv(1) == b""
    link.close()


# --- recording ---------------------------------------------------------------------------------------------------


def carry(near, far):
    def copy(here, there):
        while data := here.recv(65536):
            there.sendall(data)
        there.shutdown(socket.SHUT_WR)

    back = threading.Thread(target=copy, args=(far, near), daemon=True)
    back.start()
    copy(near, far)
    back.join(10)
    near.close(), far.close()


def between(serve, connect, recorder):
    """Runs a server and a client against each other and returns the packets between them."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        record = recorder(listener.getsockname()[1])
        server = threading.Thread(target=lambda: serve(listener.accept()[0]), daemon=True)
        server.start()
        connect(socket.create_connection(("127.0.0.1", record.port or listener.getsockname()[1])))
        server.join(15)
        if server.is_alive():
            raise RuntimeError("the server did not come to an end")
        return record.stop()


def header(write, read):
    def serve(link):
        read(link)
        echo(link)

    def connect(link):
        link.sendall(write())
        talk(link, "museum.example")

    return serve, connect


def socks5():
    target = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=lambda: echo(target.accept()[0]), daemon=True).start()
    port = target.getsockname()[1]

    def connect(link):
        ask_socks5(link, b"localhost", port)
        talk(link, f"localhost:{port}")

    return lambda link: carry(link, answer_socks5(link)), connect


FILES = {
    "proxy-v1": ("a PROXY header of version 1", lambda: header(proxy_v1, read_v1)),
    "proxy-v2": ("a PROXY header of version 2 with typed values", lambda: header(proxy_v2, read_v2)),
    "socks5": ("SOCKS 5 with user name and password", socks5),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tunnel", action="store_true")
    recorder = pcapng.Tunnel if parser.parse_args().tunnel or not pcapng.Tcpdump.works() else pcapng.Tcpdump
    for name, (what, peers) in FILES.items():
        packets = between(*peers(), recorder)
        client, server, _, _ = pcapng.streams(packets)
        assert b"101 Switching Protocols" in server and b"GET /echo HTTP/1.1" in client
        comment = f"A WebSocket behind {what}. Both ends of the prelude are made by hand. Recorded on loopback for Framescope."
        raw = pcapng.write(packets, comment, by=b"captures/record/preludes.py")
        (CAPTURES / "prelude" / f"{name}.pcapng").write_bytes(raw)
        print(f"{name}: {len(raw)} bytes, {len(packets)} packets, client {len(client)} and server {len(server)} bytes")


if __name__ == "__main__":
    main()
