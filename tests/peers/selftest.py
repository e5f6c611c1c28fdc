#!/usr/bin/env python3
"""Plays every mistake of faulty.py against its careful peer, through the command line, and the Node.js peers too.

Prints a line for each that does not end as `faulty.py list` says, and exits 1 if there is one. The Node.js peers need
`npm ci` in this folder first; without it they are left out, and that is said.
"""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
FAULTY = [sys.executable, str(HERE / "faulty.py")]


def start(command):
    """Starts a server and returns it with its port."""
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    word, _, port = server.stdout.readline().strip().partition(" ")
    assert word == "listening", f"{command} says {word!r}"
    return server, port


def run(command):
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=60, check=True).stdout.splitlines()


def told(options, side):
    """The arguments that a careful peer needs for a mistake to be possible."""
    out = ["--deflate"] if options.get("deflate") else []
    for name in options.get("subprotocols", []):
        out += ["--subprotocol", name]
    if side == "server":
        for origin in options.get("origins", []):
            out += ["--origin", origin]
    elif "ping" in options:
        out += ["--ping", options["ping"]]
    return out


def mistake(m):
    if m["role"] == "client":
        server, port = start([*FAULTY, "serve", "careful", *told(m["options"], "server")])
        result = json.loads(run([*FAULTY, "connect", m["name"], f"ws://127.0.0.1:{port}/"])[-1])
        server.communicate(timeout=30)
    else:
        server, port = start([*FAULTY, "serve", m["name"]])
        url = f"ws://127.0.0.1:{port}/"
        run([*FAULTY, "connect", "careful", url, "--protocol", m["protocol"], *told(m["options"], "client")])
        result = json.loads(server.communicate(timeout=30)[0].splitlines()[-1])
    wrong = []
    if m["reaction"] == "close" and result["close_code"] != m["expect_close"]:
        wrong.append(f"closed with {result['close_code']}, not {m['expect_close']}")
    if m["reaction"] == "refuse" and result["status"] != m["expect_status"]:
        wrong.append(f"status {result['status']}, not {m['expect_status']}")
    if result["ended"] == "timeout":
        wrong.append("the connection did not end")
    return m["name"], wrong


def node_server(case):
    protocol, ping = case
    server, port = start(["node", str(HERE / "server.mjs"), "0"])
    try:
        command = [*FAULTY, "connect", "careful", f"ws://127.0.0.1:{port}/echo", "--protocol", protocol]
        command += ["--say", "Hello", "--say", "κόσμε"] + (["--ping", "p"] if ping else [])
        result = json.loads(run(command)[-1])
        received = bytes.fromhex(result["received"])
        wrong = [f"no echo of {text}" for text in ("Hello", "κόσμε") if text.encode() not in received]
        if protocol == "hixie-76" and not received.endswith(b"\xff\x00"):
            wrong.append("FF 00 was not answered")
        if protocol not in ("hixie-75", "hixie-76") and result["close_code"] != 1000:
            wrong.append(f"closed with {result['close_code']}")
        return f"node server, {protocol}", wrong
    finally:
        server.terminate()
        server.communicate()


def node_client(protocol):
    server, port = start([*FAULTY, "serve", "careful", "--subprotocol", "chat"])
    lines = [json.loads(line) for line in run(["node", str(HERE / "client.mjs"), f"ws://127.0.0.1:{port}/", protocol, "Hello", "κόσμε"])]
    server.communicate(timeout=30)
    said = [line["message"] for line in lines if "message" in line]
    wrong = [] if said == ["Hello", "κόσμε"] else [f"the client heard {said}"]
    if "close" not in lines[-1]:
        wrong.append("the client did not report a close")
    return f"node client, {protocol}", wrong


def main():
    listing = json.loads("\n".join(run([*FAULTY, "list"])))
    jobs = [(mistake, m) for m in listing]
    if (HERE / "node_modules").is_dir():
        jobs += [(node_server, (p, p not in ("hixie-75", "hixie-76"))) for p in ("hixie-75", "hixie-76", "hybi-7", "hybi-8", "rfc6455")]
        jobs += [(node_client, p) for p in ("hixie-76", "hybi-8", "rfc6455")]
    else:
        print("the Node.js peers are left out: no node_modules here (npm ci)")
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda job: job[0](job[1]), jobs))
    bad = [(name, wrong) for name, wrong in results if wrong]
    for name, wrong in bad:
        print(f"{name}: {'; '.join(wrong)}")
    print(f"{len(results)} played, {len(bad)} not as expected")
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
