#!/usr/bin/env python3
"""A WebSocket server and client that make one mistake, chosen by name. Python 3.11, standard library only.

    faulty.py list                          the mistakes, as a JSON list
    faulty.py serve NAME [--port N]         a server: prints `listening PORT`, serves one connection
    faulty.py connect NAME URL              a client

`serve` takes the mistakes with role `server`, `connect` those with role `client`. Both end with one line of JSON: what
came back. There are two peers without a mistake too, for every protocol in `PROTOCOLS`:

    faulty.py serve careful [--deflate] [--subprotocol NAME]
    faulty.py connect careful URL [--protocol P] [--deflate] [--subprotocol NAME] [--say TEXT]… [--ping TEXT]
"""

import argparse
import json
import socket
import sys
from urllib.parse import urlsplit

import careful
from mistakes import MISTAKES, play
from wire import Ended, Link

PROTOCOLS = ("hixie-75", "hixie-76", "hybi-7", "hybi-8", "rfc6455", "flash-policy")


def report(link, hybi, **more):
    """What a test wants to know: how the other side ended the connection, and every byte that it sent."""
    return {
        "status": getattr(link, "status", None),
        "close_code": getattr(link, "close_code", None) or (close_code(link) if hybi else None),
        "ended": link.ended,
        "received": bytes(link.received).hex(),
        "after_head": getattr(link, "after_head", 0),
        **more,
    }


def close_code(link):
    """The code of the last close frame in what was received, when the script itself did not stop to read it."""
    rest = bytearray(link.received[getattr(link, "after_head", 0) :])
    if not getattr(link, "after_head", 0):
        return None
    scratch = Link.__new__(Link)
    scratch.unread, scratch.received, scratch.ended, scratch.patience = rest, bytearray(), "eof", 0
    code = None
    try:
        while True:
            opcode, payload, _, _ = scratch.frame()
            if opcode == 8:
                code = int.from_bytes(payload[:2], "big") if len(payload) > 1 else 1005
    except Ended:
        return code


def find(name, role):
    found = next((m for m in MISTAKES if m.name == name), None)
    if found is None or found.role != role:
        sys.exit(f"faulty.py: no mistake of a {role} is called {name!r}; see `faulty.py list`")
    return found


def listen(host, port):
    """A listening socket; port 0 takes a free one."""
    listener = socket.create_server((host, port))
    listener.settimeout(60)
    return listener


def dial(url):
    parts = urlsplit(url)
    return socket.create_connection((parts.hostname, parts.port or 80), timeout=10)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list")
    serve = commands.add_parser("serve")
    serve.add_argument("--port", type=int, default=0)
    serve.add_argument("--origin", action="append", help="an origin that `careful` lets in; without, it lets in all")
    connect = commands.add_parser("connect")
    for command in (serve, connect):
        command.add_argument("name")
        command.add_argument("--deflate", action="store_true")
        command.add_argument("--subprotocol", action="append", default=[])
        command.add_argument("--patience", type=float, default=5.0, help="seconds to wait for the other side")
    connect.add_argument("url")
    connect.add_argument("--protocol", choices=PROTOCOLS, default="rfc6455")
    connect.add_argument("--say", action="append")
    connect.add_argument("--ping")
    arguments = parser.parse_args()

    if arguments.command == "list":
        json.dump([m.listing() for m in MISTAKES], sys.stdout, indent=1, ensure_ascii=False)
        print()
        return
    options = {"deflate": arguments.deflate, "subprotocols": arguments.subprotocol}
    if arguments.command == "serve":
        options["origins"] = arguments.origin
        mistake = None if arguments.name == "careful" else find(arguments.name, "server")
        if mistake and mistake.frames:
            mistake.frames(None)  # what takes long is made before anyone waits
        with listen("127.0.0.1", arguments.port) as listener:
            print(f"listening {listener.getsockname()[1]}", flush=True)
            link = Link(listener.accept()[0], arguments.patience)
        if mistake:
            play(mistake, link)
            link.hang_up()
        else:
            careful.serve(link, options)
    else:
        mistake = None if arguments.name == "careful" else find(arguments.name, "client")
        link = Link(dial(arguments.url), arguments.patience)
        if mistake:
            play(mistake, link, arguments.url)
            link.hang_up()
        else:
            options["say"] = ["Hello"] if arguments.say is None else arguments.say
            if arguments.ping is not None:
                options["ping"] = arguments.ping
            careful.connect(link, arguments.url, arguments.protocol, options)
    protocol = mistake.protocol if mistake else getattr(arguments, "protocol", "rfc6455")
    print(json.dumps(report(link, protocol in ("hybi-7", "hybi-8", "rfc6455"), name=arguments.name)), flush=True)


if __name__ == "__main__":
    main()
