"""Packets to pcapng and back, and TCP streams out of packets: as much as these recordings need.

Written apart from Framescope's own reader, so that the recordings can be checked with it.
"""

import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import time
from collections import namedtuple

Packet = namedtuple("Packet", "time data length")  # time in microseconds since the epoch; length on the wire


# --- files -------------------------------------------------------------------------------------------------------


def option(code, value):
    return struct.pack("<HH", code, len(value)) + value + bytes(-len(value) % 4)


def block(kind, body):
    size = len(body) + 12
    return struct.pack("<II", kind, size) + body + struct.pack("<I", size)


def write(packets, comment, interface="lo", link_type=1, by=b"captures/record/museum.py"):
    """A pcapng file with one interface, times in microseconds, and a comment about the whole."""
    end = struct.pack("<HH", 0, 0)
    section = struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)
    section += option(1, comment.encode()) + option(4, by) + end
    described = struct.pack("<HHI", link_type, 0, 262144) + option(2, interface.encode()) + option(9, b"\x06") + end
    out = block(0x0A0D0D0A, section) + block(1, described)
    for packet in packets:
        head = struct.pack("<IIIII", 0, packet.time >> 32, packet.time & 0xFFFFFFFF, len(packet.data), packet.length)
        out += block(6, head + packet.data + bytes(-len(packet.data) % 4))
    return out


def read(raw):
    """The packets of a file that `write` made."""
    packets, at = [], 0
    while at + 12 <= len(raw):
        kind, size = struct.unpack_from("<II", raw, at)
        if size < 12 or at + size > len(raw):
            break
        if kind == 6:
            _, high, low, kept, length = struct.unpack_from("<IIIII", raw, at + 8)
            packets.append(Packet(high << 32 | low, raw[at + 28 : at + 28 + kept], length))
        at += size
    return packets


def read_pcap(raw):
    """The packets of a classic pcap file in little-endian microseconds, which is what tcpdump writes here."""
    assert raw[:4] == b"\xd4\xc3\xb2\xa1", "not a little-endian pcap file"
    packets, at = [], 24
    while at + 16 <= len(raw):
        seconds, micros, kept, length = struct.unpack_from("<IIII", raw, at)
        packets.append(Packet(seconds * 1_000_000 + micros, raw[at + 16 : at + 16 + kept], length))
        at += 16 + kept
    return packets


# --- TCP ---------------------------------------------------------------------------------------------------------

Segment = namedtuple("Segment", "time source target seq flags payload")
FIN, SYN, RST = 1, 2, 4


def segments(packets):
    for packet in packets:
        data = packet.data
        if data[12:14] != b"\x08\x00" or data[23] != 6:
            continue
        ip = data[14 : 14 + struct.unpack_from(">H", data, 16)[0]]
        tcp = ip[(ip[0] & 15) * 4 :]
        source, target, seq = struct.unpack_from(">HHI", tcp)
        yield Segment(packet.time, source, target, seq, tcp[13], tcp[(tcp[12] >> 4) * 4 :])


def streams(packets):
    """The two streams of the one connection, as (client's bytes, server's bytes, how many of the client's bytes came
    before the server's first, flags that were seen). Loopback keeps the order, so nothing needs sorting."""
    everything = list(segments(packets))
    client = everything[0].source
    assert everything[0].flags & SYN, "the recording does not begin with SYN"
    out, early, flags = {True: bytearray(), False: bytearray()}, None, 0
    starts = {}
    for s in everything:
        side, flags = s.source == client, flags | s.flags
        if s.flags & SYN:
            starts[side] = s.seq + 1
        elif s.payload:
            at = s.seq - starts[side] & 0xFFFFFFFF
            assert at <= len(out[side]), "bytes are missing"
            if not side and early is None:
                early = len(out[True])
            out[side][at:] = s.payload
    return bytes(out[True]), bytes(out[False]), len(out[True]) if early is None else early, flags


# --- recorders ---------------------------------------------------------------------------------------------------


class Tcpdump:
    """Records a port of the loopback interface with tcpdump."""

    port = None  # peers speak to the server directly

    @staticmethod
    def works():
        return shutil.which("tcpdump") is not None

    def __init__(self, port):
        command = ["tcpdump", "-i", "lo", "-n", "-U", "--immediate-mode", "-s", "262144", "-w", "-", "tcp", "port", str(port)]
        self.file = tempfile.TemporaryFile()
        self.child = subprocess.Popen(command, stdout=self.file, stderr=subprocess.PIPE)
        while b"listening on" not in (line := self.child.stderr.readline()):
            if not line:
                raise RuntimeError("tcpdump ended at once: has it the right to record?")


    def stop(self):
        time.sleep(0.15)
        self.child.send_signal(signal.SIGINT)
        self.child.communicate(timeout=10)
        self.file.seek(0)
        return read_pcap(self.file.read())


class Tunnel:
    """Records without any right to capture: a tunnel that passes bytes on, and packets made up around them.

    What a stream held is real; the TCP around it is not. Used only where tcpdump is missing.
    """

    def __init__(self, port):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port, self.target = self.listener.getsockname()[1], port
        self.packets, self.lock = [], threading.Lock()
        self.sequence = {True: 1000, False: 5000}
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def packet(self, from_client, flags, payload=b""):
        source, target = (self.client, self.target) if from_client else (self.target, self.client)
        with self.lock:
            for at in range(0, max(len(payload), 1), 32000):
                part = payload[at : at + 32000]
                tcp = struct.pack(
                    ">HHIIBBHHH", source, target, self.sequence[from_client], self.sequence[not from_client], 0x50, flags, 65535, 0, 0
                )
                self.sequence[from_client] += len(part) + bool(flags & (SYN | FIN))
                ip = struct.pack(">BBHHHBBH", 0x45, 0, 40 + len(part), 0, 0x4000, 64, 6, 0) + bytes([127, 0, 0, 1] * 2)
                total = sum(struct.unpack(">10H", ip))
                total = (total & 0xFFFF) + (total >> 16)
                ip = ip[:10] + struct.pack(">H", ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF) + ip[12:]
                data = bytes(12) + b"\x08\x00" + ip + tcp + part
                self.packets.append(Packet(time.time_ns() // 1000, data, len(data)))

    def run(self):
        near, address = self.listener.accept()
        far = socket.create_connection(("127.0.0.1", self.target))
        self.client = address[1]
        self.packet(True, SYN), self.packet(False, SYN | 16), self.packet(True, 16)
        self.reset = False

        def copy(here, there, from_client):
            try:
                while data := here.recv(65536):
                    self.packet(from_client, 0x18, data)
                    there.sendall(data)
                self.packet(from_client, FIN | 16)
                there.shutdown(socket.SHUT_WR)
            except OSError:
                if not self.reset:
                    self.reset = True
                    self.packet(from_client, RST | 16)
                there.close()

        pair = [threading.Thread(target=copy, args=way) for way in ((near, far, True), (far, near, False))]
        for thread in pair:
            thread.start()
        for thread in pair:
            thread.join()

    def stop(self):
        self.thread.join(10)
        self.listener.close()
        return self.packets
