// A client that sends messages, waits for the echo of each, and closes.
//
//   node client.mjs URL [PROTOCOL] [MESSAGE…]
//
// PROTOCOL is one of
//   rfc6455    websocket-driver 0.7.4, which as a client speaks version 13 only
//   hybi-8     websocket 1.0.35 (WebSocket-Node)
//   hixie-76   websocket-client 1.0.0, of 2010
// No client of hixie-75 or hybi-7 was found among the packages for Node.js.
// Prints one line of JSON for each event: open, message, close, error. Exit status 0 after a clean close.

import crypto from "node:crypto";
import { EventEmitter } from "node:events";
import http from "node:http";
import { createRequire } from "node:module";
import net from "node:net";

const [url, protocol = "rfc6455", ...given] = process.argv.slice(2);
const messages = given.length ? given : ["Hello"];
const print = (object) => console.log(JSON.stringify(object));

if (!url) {
  console.error("usage: node client.mjs URL [rfc6455|hybi-8|hixie-76] [MESSAGE…]");
  process.exit(2);
}

const patience = setTimeout(() => finish({ error: "nothing happened for 10 seconds" }, 1), 10_000);

function finish(event, status) {
  clearTimeout(patience);
  print(event);
  process.exitCode = status;
}

async function rfc6455() {
  const { default: websocket } = await import("websocket-driver");
  const { hostname, port } = new URL(url);
  const driver = websocket.client(url, { protocols: ["chat"] });
  const socket = net.connect(Number(port || 80), hostname.replace(/^\[|\]$/g, ""), () => driver.start());
  socket.setNoDelay(true);
  let left = [...messages];
  const next = () => (left.length ? driver.text(left.shift()) : driver.close("", 1000));
  driver.on("open", () => {
    print({ open: driver.version, protocol: driver.protocol || null });
    next();
  });
  driver.on("message", ({ data }) => {
    print({ message: typeof data === "string" ? data : data.toString("hex") });
    next();
  });
  driver.on("error", ({ message }) => finish({ error: message }, 1));
  driver.on("close", ({ code, reason }) => {
    finish({ close: code, reason }, code === 1000 ? 0 : 1);
    socket.end();
  });
  socket.on("error", ({ message }) => finish({ error: message }, 1));
  socket.pipe(driver.io);
  driver.io.pipe(socket);
}

async function hybi8() {
  const { default: websocket } = await import("websocket");
  const client = new websocket.client({ webSocketVersion: 8, closeTimeout: 2000 });
  let left = [...messages];
  client.on("connectFailed", ({ message }) => finish({ error: message }, 1));
  client.on("connect", (connection) => {
    const next = () => (left.length ? connection.sendUTF(left.shift()) : connection.close(1000));
    print({ open: `hybi-${connection.webSocketVersion}`, protocol: connection.protocol || null });
    connection.on("message", ({ type, utf8Data, binaryData }) => {
      print({ message: type === "utf8" ? utf8Data : binaryData.toString("hex") });
      next();
    });
    connection.on("error", ({ message }) => print({ error: message }));
    connection.on("close", (code, reason) => finish({ close: code, reason }, code === 1000 ? 0 : 1));
    next();
  });
  client.connect(url, "chat", "http://museum.example");
}

// What websocket-client used of the Node.js of 2010 and is gone since: http.createClient, whose request sends a head
// and then whatever is written, and strings that are hashed as bytes.
function nodeOf2010() {
  http.createClient = (port, hostname) => {
    const client = new EventEmitter();
    client.end = () => client.socket?.end();
    client.request = (path, headers) => {
      const socket = (client.socket = net.connect(port, hostname.replace(/^\[|\]$/g, "")));
      socket.setNoDelay(true);
      socket.on("error", (error) => client.emit("error", error));
      let head = Buffer.alloc(0);
      socket.on("data", function read(data) {
        head = Buffer.concat([head, data]);
        const end = head.indexOf("\r\n\r\n");
        if (end < 0) return;
        socket.removeListener("data", read);
        const status = head.toString("latin1", 0, end).split(" ")[1];
        if (status === "101") client.emit("upgrade", client, socket, head.subarray(end + 4));
        else client.emit("error", new Error(`status ${status}`));
      });
      const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
      socket.write(`GET ${path} HTTP/1.1\r\n${lines.join("")}\r\n`, "latin1");
      return { write: (data, encoding) => socket.write(data, encoding), end() {} };
    };
    return client;
  };
  const { createHash } = crypto;
  crypto.createHash = (name) => {
    const hash = createHash(name);
    const update = hash.update.bind(hash);
    hash.update = (data) => update(typeof data === "string" ? Buffer.from(data, "latin1") : data);
    return hash;
  };
}

function hixie76() {
  process.removeAllListeners("warning"); // the old names that it uses are deprecated; that is known
  const require = createRequire(import.meta.url);
  for (const [name, module] of [["http", http], ["crypto", crypto]]) if (require(name) !== module) throw new Error(name);
  nodeOf2010();
  const { WebSocket } = require("websocket-client");
  const socket = new WebSocket(url, "chat");
  let left = [...messages];
  const next = () => (left.length ? socket.send(left.shift()) : socket.close());
  socket.on("open", () => {
    print({ open: "hixie-76", protocol: null });
    next();
  });
  socket.on("message", (data) => {
    print({ message: data });
    next();
  });
  let over = false;
  const end = (event, status) => {
    if (!over) finish(event, status);
    over = true;
  };
  socket.on("close", () => end({ close: null, reason: "" }, 0));
  socket.on("wserror", ({ message }) => setImmediate(() => end({ error: message }, 1)));
}

if (protocol === "rfc6455") await rfc6455();
else if (protocol === "hybi-8") await hybi8();
else if (protocol === "hixie-76") hixie76();
else {
  console.error(`client.mjs: ${protocol} is none of rfc6455, hybi-8 and hixie-76`);
  process.exit(2);
}
