# Libraries of today in Python: ws4py, websockets, aiohttp and tornado, as clients and (but for ws4py) as echo servers.
#
#   today.py connect LIBRARY URL     sends texts, bytes and fragments where the library can, waits for each echo, closes
#   today.py serve LIBRARY           prints `listening PORT` when it accepts connections
#   today.py versions                what is installed
#
# Debian: python3-ws4py, python3-websockets, python3-aiohttp, python3-tornado. A client prints a line of JSON: what came, and the
# code of the close.

import asyncio
import json
import sys

TEXT = "grüße, 你好"
DATA = bytes(range(256)) * 300


def shown(message):
    return message if isinstance(message, str) else f"{len(message)} bytes"


def tell(came, code):
    print(json.dumps({"came": [shown(message) for message in came], "close_code": code}), flush=True)


def ws4py(url):
    from ws4py.client.threadedclient import WebSocketClient

    came, codes = [], []

    class Client(WebSocketClient):
        def opened(self):
            self.send(TEXT)
            self.send(DATA, binary=True)
            self.send(part for part in ("frag-", "你好", "-three"))

        def received_message(self, message):
            came.append(message.data.decode() if message.is_text else bytes(message.data))
            if len(came) == 3:
                self.close(1000, "bye")

        def closed(self, code, reason=None):
            codes.append(code)

    client = Client(url, protocols=["chat"])
    client.connect()
    client.run_forever()
    tell(came, codes[0])


async def websockets(url):
    from websockets import connect

    async with connect(url, subprotocols=["chat"]) as socket:
        came = []
        for message in (TEXT, DATA, ["frag-", "你好", "-three"]):
            await socket.send(message)
            came.append(await socket.recv())
        await (await socket.ping(b"x"))
        await socket.close(1000, "bye")
    tell(came, socket.close_code)


async def aiohttp(url):
    from aiohttp import ClientSession

    async with ClientSession() as session, session.ws_connect(url, protocols=["chat"], compress=15) as socket:
        await socket.send_str(TEXT)
        came = [(await socket.receive()).data]
        await socket.send_bytes(DATA)
        came.append((await socket.receive()).data)
        await socket.ping(b"x")
        await socket.close(code=1000, message=b"bye")
    tell(came, socket.close_code)


async def tornado(url):
    from tornado.websocket import websocket_connect

    socket = await websocket_connect(url, subprotocols=["chat"], compression_options={})
    came = []
    for message, binary in ((TEXT, False), (DATA, True)):
        await socket.write_message(message, binary)
        came.append(await socket.read_message())
    socket.close(1000, "bye")
    assert await socket.read_message() is None
    tell(came, socket.close_code)


def listening(port):
    print(f"listening {port}", flush=True)


async def serve_websockets():
    from websockets import serve

    async def echo(socket):
        async for message in socket:
            await socket.send(message)

    server = await serve(echo, "127.0.0.1", 0, subprotocols=["chat"], max_size=1 << 24)
    listening(server.sockets[0].getsockname()[1])
    await asyncio.Future()


async def serve_aiohttp():
    from aiohttp import WSMsgType, web

    async def echo(request):
        socket = web.WebSocketResponse(protocols=["chat"], max_msg_size=1 << 24)
        await socket.prepare(request)
        async for message in socket:
            if message.type == WSMsgType.TEXT:
                await socket.send_str(message.data)
            elif message.type == WSMsgType.BINARY:
                await socket.send_bytes(message.data)
        return socket

    app = web.Application()
    app.router.add_get("/{path:.*}", echo)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    listening(runner.addresses[0][1])
    await asyncio.Future()


async def serve_tornado():
    from tornado.httpserver import HTTPServer
    from tornado.netutil import bind_sockets
    from tornado.web import Application
    from tornado.websocket import WebSocketHandler

    class Echo(WebSocketHandler):
        def select_subprotocol(self, offered):
            return "chat" if "chat" in offered else None

        def get_compression_options(self):
            return {}

        def on_message(self, message):
            self.write_message(message, isinstance(message, bytes))

    sockets = bind_sockets(0, "127.0.0.1")
    HTTPServer(Application([(r"/.*", Echo)], websocket_max_message_size=1 << 24)).add_sockets(sockets)
    listening(sockets[0].getsockname()[1])
    await asyncio.Future()


CLIENTS = {"ws4py": ws4py, "websockets": websockets, "aiohttp": aiohttp, "tornado": tornado}
SERVERS = {"websockets": serve_websockets, "aiohttp": serve_aiohttp, "tornado": serve_tornado}


def main():
    match sys.argv[1:]:
        case ["connect", "ws4py", url]:
            ws4py(url)
        case ["connect", library, url]:
            asyncio.run(CLIENTS[library](url))
        case ["serve", library]:
            asyncio.run(SERVERS[library]())
        case ["versions"]:
            from importlib.metadata import version

            print(json.dumps({library: version(library) for library in CLIENTS}))


if __name__ == "__main__":
    main()
