// An echo server on websocket-driver: hixie-75, hixie-76, hybi-7, hybi-8 and RFC 6455 on one port.
// Version 0.7.4 serves all but hybi-7 and hybi-8, which it refuses with 400; those go to 0.7.0, the last that took them.
//
//   node server.mjs [PORT]
//
// PORT 0, or none, takes a free port. Prints `listening PORT` when it accepts connections, then one line of JSON for
// each connection that opened and for each that closed.

import net from "node:net";
import current from "websocket-driver";
import older from "websocket-driver-0.7.0";

const print = (object) => console.log(JSON.stringify(object));

const END = Buffer.from("\r\n\r\n");
const OLDER = /^sec-websocket-version: *[78] *$/im;

// `driver.server` reads the request itself, so that the eight bytes behind a hixie-76 head need no care here.
function serve(socket, start) {
  const { server } = OLDER.test(start.toString("latin1")) ? older : current;
  const driver = server({ protocols: ["chat"] });
  driver.on("connect", () => driver.start());
  driver.on("open", () => print({ open: driver.version, protocol: driver.protocol || null }));
  driver.on("message", ({ data }) => (typeof data === "string" ? driver.text(data) : driver.binary(data)));
  driver.on("close", ({ code, reason }) => {
    print({ close: code, reason });
    // hixie-75 has no closing frame: its end is the end of the TCP connection. A moment lets the last frame out.
    setTimeout(() => socket.end(), 20);
  });
  socket.on("close", () => driver.close());
  driver.io.pipe(socket);
  driver.io.write(start);
  socket.pipe(driver.io);
}

const server = net.createServer((socket) => {
  socket.setNoDelay(true);
  socket.on("error", () => socket.destroy());
  let start = Buffer.alloc(0);
  socket.on("data", function head(data) {
    start = Buffer.concat([start, data]);
    if (start.includes(END)) {
      socket.removeListener("data", head);
      serve(socket, start);
    }
  });
});

server.listen(Number(process.argv[2] ?? 0), "127.0.0.1", () => console.log(`listening ${server.address().port}`));
