// Libraries of today for Node.js: ws, and Socket.IO, which is events over whatever works.
//
//   node today.mjs serve-ws            an echo server with permessage-deflate
//   node today.mjs connect-ws URL      sends a text, bytes and a text in three fragments, waits for each echo, closes
//   node today.mjs serve-socket.io     echoes the event `echo` as `echoed`, and adds two numbers for whoever asks
//
// A server prints `listening PORT` when it accepts connections; a client a line of JSON at its end.

import http from "node:http";
import { Server } from "socket.io";
import WebSocket, { WebSocketServer } from "ws";

const listening = (server) => console.log(`listening ${server.address().port}`);

function serveWs() {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: { threshold: 0 } }, () =>
    listening(server),
  );
  server.on("connection", (socket) => socket.on("message", (data, binary) => socket.send(data, { binary })));
}

function connectWs(url) {
  const came = [];
  const socket = new WebSocket(url, ["chat"], { perMessageDeflate: { threshold: 0 } });
  const send = [
    () => socket.send("grüße, 你好"),
    () => socket.send(Buffer.alloc(70_000, 7)),
    () => {
      socket.send("frag-", { fin: false });
      socket.send("你好", { fin: false });
      socket.send("-three", { fin: true });
    },
    () => socket.close(1000, "bye"),
  ];
  socket.on("open", () => send[0]());
  socket.on("message", (data, binary) => {
    came.push(binary ? `${data.length} bytes` : data.toString());
    send[came.length]();
  });
  socket.on("error", ({ message }) => console.log(JSON.stringify({ error: message })));
  socket.on("close", (code, reason) =>
    console.log(JSON.stringify({ came, close_code: code, reason: reason.toString(), extensions: socket.extensions })),
  );
}

function serveSocketIo() {
  const server = http.createServer();
  new Server(server).on("connection", (socket) => {
    socket.on("echo", (...values) => socket.emit("echoed", ...values));
    socket.on("add", (one, other, answer) => answer(one + other));
  });
  server.listen(0, "127.0.0.1", () => listening(server));
}

const [what, url] = process.argv.slice(2);
({ "serve-ws": serveWs, "connect-ws": () => connectWs(url), "serve-socket.io": serveSocketIo })[what]();
