use proptest::prelude::*;

use super::*;
use crate::export::csv;
use crate::model::protocol::Side;
use crate::trace::Place;

const REQUEST: &[u8] = b"GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\n\
    Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
    Origin: http://example.com\r\nSec-WebSocket-Version: 13\r\n\r\n";

const RESPONSE: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\
    Connection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

/// A trace of one conversation, a packet a part, 1.5 ms apart. `None` is a gap of ten bytes.
fn trace(parts: &[(Side, Option<&[u8]>)], end: Option<End>) -> Trace {
    let mut trace = Trace::new(Store::default());
    let at = |port| std::net::SocketAddr::from(([127, 0, 0, 1], port));
    let talk = trace.open(at(50122), at(9001), false, 6);
    for (number, (side, bytes)) in parts.iter().enumerate() {
        let time = Timestamp(1_700_000_000_000_000_000 + 1_500_000 * i64::try_from(number).unwrap());
        let packet = number as u32 + 1;
        match bytes {
            Some(bytes) => {
                let place = Place { at: trace.store.append(bytes), headers: None };
                trace.data(talk, *side, place, bytes.len() as u32, packet, time);
            }
            None => trace.gap(talk, *side, 10, packet, time),
        }
    }
    for side in Side::BOTH {
        if let Some(end) = end {
            trace.end(talk, side, end, parts.len() as u32 + 1, Timestamp(1_700_000_001_000_000_000));
        }
    }
    trace.finish();
    trace
}

fn client(bytes: &[u8]) -> (Side, Option<&[u8]>) {
    (Side::Client, Some(bytes))
}

fn server(bytes: &[u8]) -> (Side, Option<&[u8]>) {
    (Side::Server, Some(bytes))
}

fn written(trace: &Trace, options: &Options) -> String {
    let mut out = Vec::new();
    write_trace(&mut out, &About { file: "test.pcapng".to_owned(), ..About::default() }, trace, options)
        .unwrap();
    String::from_utf8(out).unwrap()
}

fn brief() -> Options {
    Options { brief: true, ..Options::default() }
}

fn rfc6455() -> Trace {
    trace(
        &[
            client(REQUEST),
            server(RESPONSE),
            client(&[0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58]),
            server(b"\x01\x03Hel"),
            server(b"\x89\x02hi"),
            server(b"\x80\x02lo"),
            client(b"\x8a\x02hi"),
            server(b"\x88\x05\x03\xe8bye"),
        ],
        Some(End::Fin),
    )
}

#[test]
fn a_ladder() {
    insta::assert_snapshot!(written(&rfc6455(), &brief()), @r#"
    test.pcapng

    Conversation 1  127.0.0.1:50122 → 127.0.0.1:9001  rfc6455, handshake accepted
    item  packet       time    later           what              size
       1      #1   0.000000           C ──▶ S  HTTP request     189 B  GET /chat HTTP/1.1
       2      #2   0.001500 +1.50 ms  C ◀── S  HTTP response    129 B  HTTP/1.1 101 Switching Protocols
       3      #3   0.003000 +1.50 ms  C ──▶ S  text              11 B  "Hello"
       4      #4   0.004500 +1.50 ms  C ◀── S  text               5 B  not final  "Hel"
       5      #5   0.006000 +1.50 ms  C ◀── S  ping               4 B  "hi"
       6      #6   0.007500 +1.50 ms  C ◀── S  continuation       4 B  final of items 4, 6  "lo"
       7      #7   0.009000 +1.50 ms  C ──▶ S  pong               4 B  "hi"
          error: the client sent this frame without a mask [rfc6455.mask.client-must-mask, RFC 6455
                 section 5.1, bit 8]
       8      #8   0.010500 +1.50 ms  C ◀── S  close              7 B  1000 Normal Closure "bye"
          warning: the client never answered this close frame with its own [rfc6455.close.no-answer,
                   RFC 6455 section 5.5.1, byte 0]
      8 items, 5 messages, 1 error, 1 warning; closed 1000, not answered
      the client sent FIN (#9, 1.000000), the server sent FIN (#9, 1.000000)
    "#);
}

#[test]
fn a_narrow_ladder() {
    insta::assert_snapshot!(written(&rfc6455(), &Options { width: 72, ..brief() }), @r#"
    test.pcapng

    Conversation 1  127.0.0.1:50122 → 127.0.0.1:9001
      rfc6455, handshake accepted
    item  packet       time           what              size
       1      #1   0.000000  C ──▶ S  HTTP request     189 B  GET /chat HTT…
       2      #2   0.001500  C ◀── S  HTTP response    129 B  HTTP/1.1 101 …
       3      #3   0.003000  C ──▶ S  text              11 B  "Hello"
       4      #4   0.004500  C ◀── S  text               5 B  not final  "H…
       5      #5   0.006000  C ◀── S  ping               4 B  "hi"
       6      #6   0.007500  C ◀── S  continuation       4 B  final of item…
       7      #7   0.009000  C ──▶ S  pong               4 B  "hi"
          error: the client sent this frame without a mask
                 [rfc6455.mask.client-must-mask, RFC 6455 section 5.1,
                 bit 8]
       8      #8   0.010500  C ◀── S  close              7 B  1000 Normal C…
          warning: the client never answered this close frame with its own
                   [rfc6455.close.no-answer, RFC 6455 section 5.5.1, byte 0]
      8 items, 5 messages, 1 error, 1 warning; closed 1000, not answered
      the client sent FIN (#9, 1.000000), the server sent FIN (#9, 1.000000)
    "#);
}

#[test]
fn a_whole_conversation() {
    insta::assert_snapshot!(written(&rfc6455(), &Options::default()), @r#"
    test.pcapng

    Conversation 1  127.0.0.1:50122 → 127.0.0.1:9001  rfc6455, handshake accepted

       1      #1   0.000000           C ──▶ S  HTTP request     189 B  GET /chat HTTP/1.1
          GET /chat HTTP/1.1
          Host: server.example.com
          Upgrade: websocket
          Connection: Upgrade
          Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
          Origin: http://example.com
          Sec-WebSocket-Version: 13
          (empty line)

       2      #2   0.001500 +1.50 ms  C ◀── S  HTTP response    129 B  HTTP/1.1 101 Switching Protocols
          HTTP/1.1 101 Switching Protocols
          Upgrade: websocket
          Connection: Upgrade
          Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=
          (empty line)
          How it follows: the accept value [RFC 6455 section 4.2.2]
            1. put the GUID behind the key, as it stands in the field: dGhlIHNhbXBsZSBub25jZQ== ‖
               258EAFA5-E914-47DA-95CA-C5AB0DC85B11 →
               dGhlIHNhbXBsZSBub25jZQ==258EAFA5-E914-47DA-95CA-C5AB0DC85B11
            2. take SHA-1 of these characters: 20 bytes:
               SHA-1(dGhlIHNhbXBsZSBub25jZQ==258EAFA5-E914-47DA-95CA-C5AB0DC85B11) =
               b37a4f2cc0624f1690f64606cf385945b2bec4ea
            3. write every six bits as one character: the accept value: 101100 s · 110111 3 · 101001 p ·
               001111 P · 001011 L · 001100 M · 000001 B · 100010 i · 010011 T · 110001 x · 011010 a ·
               010000 Q · 111101 9 · 100100 k · 011000 Y · 000110 G · 110011 z · 110011 z · 100001 h ·
               011001 Z · 010001 R · 011011 b · 001010 K · 111110 + · 110001 x · 001110 O · 1010+00 o ·
               = → s3pPLMBiTxaQ9kYGzzhZRbK+xOo=, as on the wire

       3      #3   0.003000 +1.50 ms  C ──▶ S  text              11 B  "Hello"
           0                   1                   2                   3
           0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
          +-+-+-+-+-------+-+-------------+-------------------------------+
          |1|0|0|0|0 0 0 1|1|0 0 0 0 1 0 1|0 0 1 1 0 1 1 1 1 1 1 1 1 0 1 0|
          |F|R|R|R|opcode |M| Payload len |          Masking-key          |
          |I|S|S|S|1 text |A|      5      |             37 fa             |
          |N|V|V|V|       |S|             |                               |
          | |1|2|3|       |K|             |                               |
          +-+-+-+-+-------+-+-------------+---------------+---------------+
          |0 0 1 0 0 0 0 1 0 0 1 1 1 1 0 1|0 1 1 1 1 1 1 1:1 0 0 1 1 1 1 1|
          |    Masking-key (continued)    |   7f → 48 H   :   9f → 65 e   |
          |             21 3d             |     Payload data, masked      |
          +---------------+---------------+ - - - - - - - +---------------+
          |0 1 0 0 1 1 0 1:0 1 0 1 0 0 0 1:0 1 0 1 1 0 0 0|
          |   4d → 6c l   :   51 → 6c l   :   58 → 6f o   |
          +---------------+---------------+---------------+
            masked  7f 9f 4d 51 58
          ⊕ key     37 fa 21 3d 37
          = plain   48 65 6c 6c 6f  |Hello|
          message 1: text, 5 bytes, "Hello"

       4      #4   0.004500 +1.50 ms  C ◀── S  text               5 B  not final  "Hel"
           0                   1                   2                   3
           0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
          +-+-+-+-+-------+-+-------------+---------------+---------------+
          |0|0|0|0|0 0 0 1|0|0 0 0 0 0 1 1|0 1 0 0 1 0 0 0:0 1 1 0 0 1 0 1|
          |F|R|R|R|opcode |M| Payload len |     48 H      :     65 e      |
          |I|S|S|S|1 text |A|      3      |         Payload data          |
          |N|V|V|V|       |S|             |                               |
          | |1|2|3|       |K|             |                               |
          +-+-+-+-+-------+-+-------------+---------------+---------------+
          |0 1 1 0 1 1 0 0|
          |     6c l      |
          +---------------+

       5      #5   0.006000 +1.50 ms  C ◀── S  ping               4 B  "hi"
           0                   1                   2                   3
           0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
          +-+-+-+-+-------+-+-------------+---------------+---------------+
          |1|0|0|0|1 0 0 1|0|0 0 0 0 0 1 0|0 1 1 0 1 0 0 0:0 1 1 0 1 0 0 1|
          |F|R|R|R|opcode |M| Payload len |     68 h      :     69 i      |
          |I|S|S|S|9 ping |A|      2      |         Payload data          |
          |N|V|V|V|       |S|             |                               |
          | |1|2|3|       |K|             |                               |
          +-+-+-+-+-------+-+-------------+---------------+---------------+
          message 2: ping, 2 bytes, "hi"

       6      #6   0.007500 +1.50 ms  C ◀── S  continuation       4 B  final of items 4, 6  "lo"
           0                   1                   2                   3
           0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
          +-+-+-+-+-------+-+-------------+---------------+---------------+
          |1|0|0|0|0 0 0 0|0|0 0 0 0 0 1 0|0 1 1 0 1 1 0 0:0 1 1 0 1 1 1 1|
          |F|R|R|R|opcode |M| Payload len |     6c l      :     6f o      |
          |I|S|S|S|   0   |A|      2      |         Payload data          |
          |N|V|V|V|contin-|S|             |                               |
          | |1|2|3|uation |K|             |                               |
          +-+-+-+-+-------+-+-------------+---------------+---------------+
          message 3: text, 5 bytes, "Hello", from items 4, 6

       7      #7   0.009000 +1.50 ms  C ──▶ S  pong               4 B  "hi"
          error: the client sent this frame without a mask [rfc6455.mask.client-must-mask, RFC 6455
                 section 5.1, bit 8]
           0                   1                   2                   3
           0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
          +-+-+-+-+-------+-+-------------+---------------+---------------+
          |1|0|0|0|1 0 1 0|0|0 0 0 0 0 1 0|0 1 1 0 1 0 0 0:0 1 1 0 1 0 0 1|
          |F|R|R|R|opcode |M| Payload len |     68 h      :     69 i      |
          |I|S|S|S|10 pong|A|      2      |         Payload data          |
          |N|V|V|V|       |S|             |                               |
          | |1|2|3|       |K|             |                               |
          +-+-+-+-+-------+-+-------------+---------------+---------------+
          message 4: pong, 2 bytes, "hi"

       8      #8   0.010500 +1.50 ms  C ◀── S  close              7 B  1000 Normal Closure "bye"
          warning: the client never answered this close frame with its own [rfc6455.close.no-answer,
                   RFC 6455 section 5.5.1, byte 0]
           0                   1                   2                   3
           0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
          +-+-+-+-+-------+-+-------------+-------------------------------+
          |1|0|0|0|1 0 0 0|0|0 0 0 0 1 0 1|0 0 0 0 0 0 1 1 1 1 1 0 1 0 0 0|
          |F|R|R|R|opcode |M| Payload len |          Status code          |
          |I|S|S|S|8 close|A|      5      |      1000 Normal Closure      |
          |N|V|V|V|       |S|             |                               |
          | |1|2|3|       |K|             |                               |
          +-+-+-+-+-------+-+-------------+---------------+---------------+
          |0 1 1 0 0 0 1 0:0 1 1 1 1 0 0 1:0 1 1 0 0 1 0 1|
          |     62 b      :     79 y      :     65 e      |
          |                    Reason                     |
          +---------------+---------------+---------------+
          message 5: close, 5 bytes, 1000 Normal Closure

      8 items, 5 messages, 1 error, 1 warning; closed 1000, not answered
      the client sent FIN (#9, 1.000000), the server sent FIN (#9, 1.000000)
    "#);
}

fn hixie76() -> Trace {
    let request = b"GET /demo HTTP/1.1\r\nHost: example.com\r\nConnection: Upgrade\r\n\
        Sec-WebSocket-Key2: 12998 5 Y3 1  .P00\r\nUpgrade: WebSocket\r\n\
        Sec-WebSocket-Key1: 4 @1  46546xW%0l 1 5\r\nOrigin: http://example.com\r\n\r\n^n:ds[4U";
    let response =
        b"HTTP/1.1 101 WebSocket Protocol Handshake\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n\
        Sec-WebSocket-Origin: http://example.com\r\nSec-WebSocket-Location: ws://example.com/demo\r\n\r\n\
        8jKS'y:G*Co,Wxa-";
    trace(
        &[
            client(request),
            server(response),
            client("\u{0}Zürich".as_bytes()),
            client(b"\xff"),
            server(b"\xff\x00"),
        ],
        Some(End::Fin),
    )
}

#[test]
fn a_hixie_76_conversation() {
    insta::assert_snapshot!(written(&hixie76(), &Options::default()), @r#"
    test.pcapng

    Conversation 1  127.0.0.1:50122 → 127.0.0.1:9001  hixie-76, handshake accepted

       1      #1   0.000000           C ──▶ S  HTTP request     200 B  GET /demo HTTP/1.1
          GET /demo HTTP/1.1
          Host: example.com
          Connection: Upgrade
          Sec-WebSocket-Key2: 12998 5 Y3 1  .P00
          Upgrade: WebSocket
          Sec-WebSocket-Key1: 4 @1  46546xW%0l 1 5
          Origin: http://example.com
          (empty line)
          key3 (8 bytes)  5e 6e 3a 64 73 5b 34 55  |^n:ds[4U|

       2      #2   0.001500 +1.50 ms  C ◀── S  HTTP response    191 B  HTTP/1.1 101 WebSocket Protocol …
          HTTP/1.1 101 WebSocket Protocol Handshake
          Upgrade: WebSocket
          Connection: Upgrade
          Sec-WebSocket-Origin: http://example.com
          Sec-WebSocket-Location: ws://example.com/demo
          (empty line)
          answer (16 bytes)  38 6a 4b 53 27 79 3a 47  2a 43 6f 2c 57 78 61 2d  |8jKS'y:G*Co,Wxa-|
          How it follows: the hixie-76 answer [draft-hixie-thewebsocketprotocol-76 section 5.2]
            1. take the digits of key 1 as one number: 4 @1  46546xW%0l 1 5 → 4146546015
            2. count the spaces of key 1: 4␣@1␣␣46546xW%0l␣1␣5 → 5
            3. divide the number by the spaces: 4146546015 ÷ 5 = 829309203
            4. write the quotient in four bytes, the most significant first: 829309203 = 316e4113 in
               hexadecimal
            5. take the digits of key 2 as one number: 12998 5 Y3 1  .P00 → 1299853100
            6. count the spaces of key 2: 12998␣5␣Y3␣1␣␣.P00 → 5
            7. divide the number by the spaces: 1299853100 ÷ 5 = 259970620
            8. write the quotient in four bytes, the most significant first: 259970620 = 0f7ed63c in
               hexadecimal
            9. put both numbers and key3 behind each other: the challenge: 316e4113 ‖ 0f7ed63c ‖
               5e6e3a64735b3455 → 316e41130f7ed63c5e6e3a64735b3455
           10. take MD5 of the challenge: the answer: MD5(316e41130f7ed63c5e6e3a64735b3455) =
               386a4b5327793a472a436f2c5778612d, as on the wire

       3    #3–4   0.004500 +3.00 ms  C ──▶ S  text               9 B  "Zürich"
           0                   1                   2                   3
           0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
          +-+-------------+---------------+---------------+---------------+
          |0|0 0 0 0 0 0 0|0 1 0 1 1 0 1 0:1 1 0 0 0 0 1 1:1 0 1 1 1 1 0 0|
          |h| frame type  |     5a Z      :     c3 ü      :      bc       |
          |i|      0      |                     text                      |
          |g|             |                                               |
          |h|             |                                               |
          +-+-------------+ - - - - - - - + - - - - - - - + - - - - - - - +
          |0 1 1 1 0 0 1 0:0 1 1 0 1 0 0 1:0 1 1 0 0 0 1 1:0 1 1 0 1 0 0 0|
          |     72 r      :     69 i      :     63 c      :     68 h      |
          +---------------+---------------+---------------+---------------+
          |1 1 1 1 1 1 1 1|
          |      FF       |
          |      255      |
          +---------------+
          How it follows: the text, from UTF-8 [RFC 3629 section 3]
            1. character 2: 2 bytes: c3 bc = 110|00011 10|111100 → U+00FC ü
               5 more characters are ASCII: each one byte that stands for itself.
          message 1: text, 7 bytes, "Zürich"

       4      #5   0.006000 +1.50 ms  C ◀── S  close              2 B  FF 00
          warning: the client never answered FF 00 with FF 00, as it must [hixie76.close.no-answer,
                   draft-hixie-thewebsocketprotocol-76 section 4.2, bytes 0–1]
           0                   1                   2                   3
           0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
          +-+-------------+-+-------------+
          |1|1 1 1 1 1 1 1|0|0 0 0 0 0 0 0|
          |h| frame type  |m|    digit    |
          |i|     127     |o|      0      |
          |g|             |r|             |
          |h|             |e|             |
          +-+-------------+-+-------------+
          message 2: close, 0 bytes

      4 items, 2 messages, 1 warning; closed, not answered
      the client sent FIN (#6, 1.000000), the server sent FIN (#6, 1.000000)
    "#);
}

#[test]
fn what_is_missing_and_what_nobody_understands() {
    let parts = [
        server(b"\x03\x00\x01binary"),
        (Side::Client, None),
        client(b"\x05\x01\x00\x00"),
        server(&[0xEE; 90]),
    ];
    insta::assert_snapshot!(written(&trace(&parts, Some(End::Reset)), &Options::default()), @r"
    test.pcapng

    Conversation 1  127.0.0.1:50122 → 127.0.0.1:9001  unknown

       1    #1–4   0.000000           C ◀── S  unparsed          99 B  03 00 01 62 69 6e 61 72 79 ee …
          warning: the server's first byte is 03: no policy request, no HTTP [stream.unparsed, RFC 6455
                   section 5, byte 0]
          00000000  03 00 01 62 69 6e 61 72  79 ee ee ee ee ee ee ee  |...binary.......|
          00000010  ee ee ee ee ee ee ee ee  ee ee ee ee ee ee ee ee  |................|
          00000020  ee ee ee ee ee ee ee ee  ee ee ee ee ee ee ee ee  |................|
          00000030  ee ee ee ee ee ee ee ee  ee ee ee ee ee ee ee ee  |................|
          … 35 more bytes

       2      #2   0.001500 +1.50 ms  C ╌╌▶ S  gap               10 B  not recorded
          warning: 10 bytes of the client were sent but not recorded [stream.gap, RFC 9293 section 3.4,
                   bytes 0–9]

       3      #3   0.003000 +1.50 ms  C ──▶ S  unparsed           4 B  05 01 00 00
          warning: no frames that fit were found in these bytes [stream.unparsed, RFC 6455 section 5,
                   bytes 0–3]
          00000000  05 01 00 00                                       |....|

      3 items, 0 messages, 3 warnings; reset by client
      the client sent RST (#5, 1.000000)
    ");
}

#[test]
fn fields_and_bytes_of_an_item() {
    let parts = [client(REQUEST), server(RESPONSE), server(b"\x81\x05Hello")];
    let text = written(&trace(&parts, None), &Options { fields: true, hex: true, ..brief() });
    let last = text.split_once("   3      #3").unwrap().1;
    let (last, legend) = last.split_once("  The fields above, by their ids:\n").unwrap();
    assert_eq!(legend.matches("    payload-len ").count(), 1, "each kind is explained once:\n{legend}");
    insta::assert_snapshot!(last, @r#"
     0.003000 +1.50 ms  C ◀── S  text               7 B  "Hello"
        bytes 0–6      Frame                                                  RFC 6455 section 5.2
        bit 0            FIN                        1
        bit 1            RSV1                       0
        bit 2            RSV2                       0
        bit 3            RSV3                       0
        bits 4–7         opcode                     1 text
        bit 8            MASK                       0
        bits 9–15        Payload len                5
        bytes 2–6        Payload data               "Hello"
        00000000  81 05 48 65 6c 6c 6f                              |..Hello|
    "#);
}

#[test]
fn nothing_recorded() {
    assert_eq!(written(&Trace::default(), &brief()), "test.pcapng\n\nNo TCP connection was found.\n");
    assert!(written(&trace(&[], None), &brief()).contains("no bytes were sent"));
    let missing = written(&rfc6455(), &Options { conversation: Some(7), ..brief() });
    assert!(missing.ends_with("There is no conversation 7: they are numbered 1 to 1.\n"), "{missing}");
}

#[test]
fn rows_of_csv() {
    let mut out = Vec::new();
    csv::write_trace(&mut out, &rfc6455(), None).unwrap();
    csv::push_row(&mut out, 2, &hixie76().conversations()[0], &hixie76().store, 2);
    csv::push_row(&mut out, 2, &hixie76().conversations()[0], &hixie76().store, 99);
    insta::assert_snapshot!(String::from_utf8(out).unwrap(), @r"
    conversation,item,from,time,kind,opcode,fin,masked,length,payload_length,findings
    1,1,client,1700000000.000000,http-request,,,,189,,
    1,2,server,1700000000.001500,http-response,,,,129,,
    1,3,client,1700000000.003000,frame,text,true,true,11,5,
    1,4,server,1700000000.004500,frame,text,false,false,5,3,
    1,5,server,1700000000.006000,frame,ping,true,false,4,2,
    1,6,server,1700000000.007500,frame,continuation,true,false,4,2,
    1,7,client,1700000000.009000,frame,pong,true,false,4,2,rfc6455.mask.client-must-mask
    1,8,server,1700000000.010500,frame,close,true,false,7,5,rfc6455.close.no-answer
    2,3,client,1700000000.004500,frame,text,,,9,7,
    ");
}

#[test]
fn item_by_item_is_the_same_as_all_at_once() {
    let options = Options::default();
    let mut trace = rfc6455();
    let mut whole = Vec::new();
    write_conversation(&mut whole, &trace, 0, &options).unwrap();
    let mut parts = Vec::new();
    write_heading(&mut parts, 1, &trace.conversations()[0], &options).unwrap();
    let mut progress = Progress::default();
    for number in 0..trace.conversations()[0].items.len() {
        write_item(&mut parts, 1, &trace.conversations()[0], &trace.store, number, &mut progress, &options)
            .unwrap();
    }
    write_ending(&mut parts, &trace.conversations()[0], &options).unwrap();
    assert_eq!(String::from_utf8(parts).unwrap(), String::from_utf8(whole).unwrap());

    // An item that was let go of is passed over.
    trace.forget_before(0, 3, 1);
    let mut out = Vec::new();
    write_item(&mut out, 1, &trace.conversations()[0], &trace.store, 0, &mut progress, &options).unwrap();
    assert_eq!(out, b"");
}

#[test]
fn interleaved_items_name_their_conversation() {
    let text = written(&rfc6455(), &Options { interleaved: true, ..brief() });
    assert!(text.contains("\n     1.3      #3"), "{text}");
}

/// Frames, handshakes and noise, in any order.
fn any_part() -> impl Strategy<Value = (bool, Option<Vec<u8>>)> {
    let bytes = prop_oneof![
        Just(REQUEST.to_vec()),
        Just(RESPONSE.to_vec()),
        Just(b"<policy-file-request/>\0".to_vec()),
        Just(b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58".to_vec()),
        Just(b"\x88\x02\x03\xe8".to_vec()),
        prop::collection::vec(any::<u8>(), 1..60),
    ];
    (any::<bool>(), prop::option::weighted(0.9, bytes))
}

proptest! {
    #[test]
    fn whatever_was_recorded_does_nothing_to_a_terminal(
        parts in prop::collection::vec(any_part(), 0..12), ended: bool, brief: bool, width in 40..140usize,
    ) {
        let side = |client: &bool| if *client { Side::Client } else { Side::Server };
        let parts: Vec<(Side, Option<&[u8]>)> =
            [client(REQUEST), server(RESPONSE)].into_iter()
            .skip(if ended { 2 } else { 0 })
            .chain(parts.iter().map(|(who, bytes)| (side(who), bytes.as_deref()))).collect();
        let trace = trace(&parts, ended.then_some(End::Fin));
        let text = written(&trace, &Options { brief, width, fields: !brief, hex: ended, ..Options::default() });
        for line in text.lines() {
            prop_assert!(!line.chars().any(fit::is_hidden), "{:?}", line);
            prop_assert_eq!(line.trim_end(), line);
        }
        let mut rows = Vec::new();
        csv::write_trace(&mut rows, &trace, None).unwrap();
        let rows = String::from_utf8(rows).unwrap();
        let items: usize = trace.conversations().iter().map(|talk| talk.items.len()).sum();
        prop_assert_eq!(rows.lines().count(), 1 + items);
        for row in rows.lines() {
            prop_assert_eq!(row.split(',').count(), csv::HEADER.split(',').count());
        }
    }
}
