#!/usr/bin/env python3
"""Records the museum of broken frames, and checks it.

    museum.py                 records every exhibit into captures/museum, with its README.md and expected.json
    museum.py NAME…           records these exhibits again
    museum.py --list          names them
    museum.py --verify        reads the files back and checks that each shows what its label says
    museum.py --tunnel        records through a byte tunnel, without tcpdump

Each exhibit is one TCP connection over loopback between two programs of tests/peers: one that makes the mistake and one
that keeps the rules. Ports, times and TCP sequence numbers differ between two recordings; everything else is fixed.
Python 3.11, standard library only; tcpdump where it is there and may record.
"""

import argparse
import json
import re
import socket
import sys
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
MUSEUM = HERE.parent / "museum"
sys.path[:0] = [str(ROOT / "tests" / "peers"), str(HERE)]

import careful  # noqa: E402
import pcapng  # noqa: E402
import rooms  # noqa: E402
import wire  # noqa: E402
from mistakes import MISTAKES, play  # noqa: E402

RECORDED = {m.name: m for m in MISTAKES if m.museum}


# --- recording ---------------------------------------------------------------------------------------------------


def between(serve, connect, recorder):
    """Runs a server and a client against each other and returns the packets between them."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        record = recorder(port)
        server = threading.Thread(target=lambda: serve(wire.Link(listener.accept()[0])), daemon=True)
        server.start()
        port = record.port or port
        link = wire.Link(socket.create_connection(("127.0.0.1", port)))
        connect(link, f"ws://127.0.0.1:{port}/")
        server.join(15)
        if server.is_alive():
            raise RuntimeError("the server did not come to an end")
        return record.stop()


def record(mistake, recorder):
    def faulty(link, url=None):
        play(mistake, link, url, echo_first=True)
        link.hang_up()

    if mistake.role == "client":
        return between(lambda link: careful.serve(link, mistake.options), faulty, recorder)
    return between(faulty, lambda link, url: careful.connect(link, url, mistake.protocol, mistake.options), recorder)


def comment(entry):
    rules = ", ".join(entry.expected) or "no rule"
    return f"{entry.sent}. Rule: {rules}. Look at: {entry.look}. Recorded on loopback for the Framescope museum."


# --- checking ----------------------------------------------------------------------------------------------------


def check(mistake, raw):
    """What is wrong with a recorded exhibit: an empty list when it shows what its label says."""
    client, server, early, flags = pcapng.streams(pcapng.read(raw))
    faulty, other = (client, server) if mistake.role == "client" else (server, client)
    wrong = []
    mark = mistake.mark
    if mark is None and mistake.frames:
        mark = b"".join(mistake.frames(wire.MASK if mistake.role == "client" else None))
    if mark and mark not in faulty:
        wrong.append("the bytes of the mistake are not in the recording")
    found = careful.judge(client, server, early, mistake.options.get("origins"))
    if flags & pcapng.RST:
        found.append("tcp.reset")
    wrong += [f"does not show {rule}" for rule in mistake.expected if rule not in found]
    # What a mistake leaves behind, such as a frame that never ends or a close without an answer, is not a second mistake.
    spare = {"stream.ends-inside", "rfc6455.close.no-answer", "hixie76.close.no-answer", "rfc6455.handshake.status", "handshake.incomplete"}
    wrong += [f"shows {rule} too" for rule in found if rule not in mistake.expected and rule not in spare]
    kind, number = mistake.reacts()
    if kind == "close":
        answer = wire.close(number, mistake.rule.encode(), None if mistake.role == "client" else wire.MASK)
        if answer not in other:
            wrong.append(f"the other side did not close with {number}")
    elif kind == "refuse" and not other.startswith(b"HTTP/1.1 %d " % number):
        wrong.append(f"the other side did not refuse with {number}")
    return wrong


def check_rules():
    """The rule ids of the labels and the reactions of the careful peer, held against src/model/rule.rs."""
    text = (ROOT / "src" / "model" / "rule.rs").read_text()
    rows = re.findall(r'\w+ "([a-z0-9.-]+)" (?:Error|Warning|Note) \w+ "[^"]*".*?(\w+)(?:\((\d+)\))?;', text)
    known = {rule: (kind, int(number) if number else None) for rule, kind, number in rows}
    words = {"GoOn": "go-on", "Close": "close", "Refuse": "refuse", "Drop": "drop"}
    wrong = [f"src/model/rule.rs has no {rule}" for m in MISTAKES for rule in m.expected if rule not in known]
    for rule, said in careful.REACTIONS.items():
        if rule in known and (words[known[rule][0]], known[rule][1]) != said:
            wrong.append(f"{rule}: src/model/rule.rs reacts with {known[rule]}, tests/peers/careful.py with {said}")
    shown = {rule for m in RECORDED.values() for rule in m.expected} | {rule for r in rooms.ROOMS for rule in r.expected}
    return wrong, sorted(known.keys() - shown)


def verify():
    failures = 0
    expected = json.loads((MUSEUM / "expected.json").read_text())
    for name, entry in [*RECORDED.items(), *((room.name, room) for room in rooms.ROOMS)]:
        file = MUSEUM / f"{name}.pcapng"
        raw = file.read_bytes() if file.exists() else None
        wrong = ["the file is missing"] if raw is None else entry.check(raw) if hasattr(entry, "check") else check(entry, raw)
        if expected.get(file.name) != entry.expected:
            wrong.append("expected.json says something else")
        for line in wrong:
            print(f"{file.name}: {line}")
        failures += bool(wrong)
    strays = {file.name for file in MUSEUM.glob("*.pcapng")} ^ set(expected)
    wrong, not_shown = check_rules()
    for line in [*wrong, *(f"{name}: in expected.json or in the folder, but not in both" for name in sorted(strays))]:
        print(line)
    print(f"{len(expected)} files, {failures} with something wrong; rules that no exhibit shows: {', '.join(not_shown) or 'none'}")
    return not (failures or wrong or strays)


# --- labels ------------------------------------------------------------------------------------------------------


def readme():
    entries = [*RECORDED.values(), *rooms.ROOMS]
    size = sum((MUSEUM / f"{e.name}.pcapng").stat().st_size for e in entries)
    lines = [
        "# The museum of broken frames",
        "",
        "One file, one mistake. Each holds one TCP connection over loopback between a program that makes the mistake and one",
        "that keeps the rules; everything around the mistake is right. Open one, find the finding, read the bytes beneath it.",
        "",
        "The programs are `tests/peers/faulty.py` and `tests/peers/careful.py`; `captures/record/museum.py` ran them, recorded",
        "the packets with tcpdump, and wrote this page and `expected.json` (file: the rules that a dissector must find there).",
        "`python3 captures/record/museum.py --verify` reads the files back and judges them with a reader of its own. The",
        "recordings belong to this project and have its licence; nothing in them comes from anywhere else. Keys, masks and",
        "payloads are fixed (key `dGhlIHNhbXBsZSBub25jZQ==`, mask `37 fa 21 3d`), so that every value can be worked out again.",
        "The masks of real clients are random and new for every frame.",
        "",
        "A file whose name begins with `bug-` shows a mistake that was found in published text or code. One whose name begins",
        "with `recording-` is about the recording, not the protocol: a good conversation was recorded, and then the file was",
        "edited as the table says.",
        "",
        f"{len(entries)} files, {size // 1024} KB.",
        "",
    ]
    for title, pick in ROOM_TITLES:
        chosen = [entry for entry in entries if pick(entry)]
        entries = [entry for entry in entries if not pick(entry)]
        lines += [f"## {title}", "", "| file | who | rule | what was sent | what to look at |", "|---|---|---|---|---|"]
        for entry in chosen:
            rules = "<br>".join(f"`{rule}`" for rule in entry.expected) or "none"
            cells = [f"`{entry.name}.pcapng`", entry.role, rules, entry.sent, entry.look]
            lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
        lines.append("")
    assert not entries, [entry.name for entry in entries]
    return "\n".join(lines)


def begins(*prefixes):
    return lambda entry: any(rule.startswith(prefixes) for rule in entry.expected[:1])


ROOM_TITLES = [
    ("From published text and code", lambda entry: entry.name.startswith("bug-")),
    ("The recording itself", lambda entry: entry.name.startswith("recording-")),
    ("Frames", begins("rfc6455.frame", "rfc6455.mask", "rfc6455.length", "rfc6455.control", "rfc6455.fragment", "stream.", "tcp.")),
    ("Text", begins("rfc6455.text")),
    ("The closing handshake", begins("rfc6455.close")),
    ("Ping and pong", begins("rfc6455.pong")),
    ("The opening handshake", begins("rfc6455.handshake", "handshake.", "http.")),
    ("permessage-deflate", begins("rfc7692")),
    ("hixie-75 and hixie-76", begins("hixie")),
    ("The Flash policy", begins("flash")),
    ("No WebSocket at all", lambda entry: True),
]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--verify", action="store_true")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--tunnel", action="store_true")
    arguments = parser.parse_args()
    every = {**RECORDED, **{room.name: room for room in rooms.ROOMS}}
    if arguments.list:
        print("\n".join(every))
        return
    if arguments.verify:
        sys.exit(not verify())
    recorder = pcapng.Tunnel if arguments.tunnel or not pcapng.Tcpdump.works() else pcapng.Tcpdump
    if unknown := [name for name in arguments.names if name not in every]:
        sys.exit(f"museum.py: no exhibit is called {unknown[0]!r}; see --list")
    MUSEUM.mkdir(exist_ok=True)
    failures = 0
    for name in arguments.names or every:
        entry, began = every[name], time.monotonic()
        if hasattr(entry, "make"):
            raw = entry.make(between, recorder, comment(entry))
            wrong = entry.check(raw)
        else:
            raw = pcapng.write(record(entry, recorder), comment(entry))
            wrong = check(entry, raw)
        (MUSEUM / f"{name}.pcapng").write_bytes(raw)
        print(f"{name}: {len(raw)} bytes, {time.monotonic() - began:.1f} s", *wrong, sep="\n    ")
        failures += bool(wrong)
    expected = {f"{name}.pcapng": entry.expected for name, entry in every.items()}
    (MUSEUM / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")
    if all((MUSEUM / file).exists() for file in expected):
        (MUSEUM / "README.md").write_text(readme())
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
