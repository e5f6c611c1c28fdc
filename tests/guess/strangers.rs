//! Bytes of other protocols, as their messages really begin, with contents that follow from a seed.

/// Numbers that follow from a seed.
pub(crate) struct Numbers(u64);

impl Numbers {
    pub(crate) fn new(seed: u64) -> Self {
        let mut numbers = Self(seed ^ 0x9E37_79B9_7F4A_7C15);
        numbers.next();
        numbers
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mixed = (self.0 ^ (self.0 >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed ^ (mixed >> 32)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    pub(crate) fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    pub(crate) fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.next() as u8).collect()
    }

    pub(crate) fn text(&mut self, length: usize) -> Vec<u8> {
        let words =
            ["the", "price", "of", "room", "42", "user", "joined", "Grüße", "ok", "{\"a\":1}", "-17.5"];
        let mut text = String::new();
        while text.len() < length {
            text.push_str(words[self.below(words.len())]);
            text.push(' ');
        }
        let end = (0..=length).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
        text.truncate(end);
        text.into_bytes()
    }

    fn content(&mut self) -> Vec<u8> {
        let length = match self.below(4) {
            0 => self.below(12),
            1 => self.below(60),
            2 => self.below(126),
            _ => self.below(900),
        };
        match self.below(4) {
            0 => self.bytes(length),
            1 => vec![0; length],
            _ => self.text(length),
        }
    }
}

/// A message of one side of a protocol.
pub(crate) type Make = fn(&mut Numbers, bool) -> Vec<u8>;

fn be16(length: usize) -> Vec<u8> {
    (length as u16).to_be_bytes().to_vec()
}

fn be32(length: usize) -> Vec<u8> {
    (length as u32).to_be_bytes().to_vec()
}

fn le32(length: usize) -> Vec<u8> {
    (length as u32).to_le_bytes().to_vec()
}

fn short(numbers: &mut Numbers) -> Vec<u8> {
    let length = 1 + numbers.below(120);
    if numbers.below(3) == 0 { numbers.bytes(length) } else { numbers.text(length) }
}

/// The protocols by name: a message of the client (`true`) or of the server.
pub(crate) const STRANGERS: &[(&str, Make)] = &[
    ("random", |n, _| {
        let length = 1 + n.below(1400);
        n.bytes(length)
    }),
    ("zeros", |n, _| vec![0; 1 + n.below(1400)]),
    ("ones", |n, _| vec![0xFF; 1 + n.below(1400)]),
    ("AAAA", |n, _| vec![b'A'; 1 + n.below(1400)]),
    ("one byte again and again", |n, _| vec![n.below(256) as u8; 1 + n.below(1400)]),
    ("a counter", |n, _| (0..=n.below(1400)).map(|at| at as u8).collect()),
    ("two bytes in turn", |n, _| {
        let pair = [*n.one(&[0x00, 0x80, 0x81, 0x82, 0x88, 0x89, 0x04]), n.below(256) as u8];
        pair.iter().copied().cycle().take(2 + n.below(1400)).collect()
    }),
    ("text", |n, _| {
        let length = 1 + n.below(1400);
        n.text(length)
    }),
    ("lines", |n, _| {
        let length = n.below(70);
        [n.text(length), b"\r\n".to_vec()].concat()
    }),
    ("length of 8 bits", |n, _| {
        let content = short(n);
        [vec![content.len() as u8], content].concat()
    }),
    ("length of 8 bits with itself", |n, _| {
        let content = short(n);
        [vec![content.len() as u8 + 1], content].concat()
    }),
    ("length of 16 bits, high first", |n, _| {
        let content = n.content();
        [be16(content.len()), content].concat()
    }),
    ("length of 16 bits, low first", |n, _| {
        let content = n.content();
        [(content.len() as u16).to_le_bytes().to_vec(), content].concat()
    }),
    ("length of 32 bits, high first", |n, _| {
        let content = n.content();
        [be32(content.len()), content].concat()
    }),
    ("length of 32 bits, low first", |n, _| {
        let content = n.content();
        [le32(content.len()), content].concat()
    }),
    ("length of 64 bits, low first", |n, _| {
        let content = n.content();
        [(content.len() as u64).to_le_bytes().to_vec(), content].concat()
    }),
    ("varint length", |n, _| {
        let content = n.content();
        let mut bytes = Vec::new();
        let mut left = content.len();
        while left > 0x7F {
            bytes.push(left as u8 | 0x80);
            left >>= 7;
        }
        bytes.push(left as u8);
        [bytes, content].concat()
    }),
    ("type, length of 8 bits", |n, _| {
        let content = short(n);
        [vec![n.below(12) as u8, content.len() as u8], content].concat()
    }),
    ("type with high bit, length of 8 bits", |n, _| {
        let content = short(n);
        [vec![0x80 | n.below(16) as u8, content.len() as u8], content].concat()
    }),
    ("always 82, length of 16 bits", |n, _| {
        let content = n.content();
        [vec![0x82], be16(content.len()), content].concat()
    }),
    ("type, length of 16 bits", |n, _| {
        let content = n.content();
        [vec![n.below(8) as u8], be16(content.len()), content].concat()
    }),
    ("type, length of 32 bits", |n, _| {
        let content = n.content();
        [vec![*n.one(b"DTZQC123")], be32(content.len() + 4), content].concat()
    }),
    ("length of 32 bits, type", |n, _| {
        let content = n.content();
        [be32(content.len() + 1), vec![0x80 | n.below(4) as u8], content].concat()
    }),
    ("MySQL", |n, _| {
        let content = n.content();
        [le32(content.len())[..3].to_vec(), vec![n.below(5) as u8], content].concat()
    }),
    ("DNS over TCP", |n, client| {
        let name = [&b"\x03www\x07example\x03com\x00\x00\x01\x00\x01"[..]].concat();
        let flags: &[u8] = if client { b"\x01\x00" } else { b"\x81\x80" };
        let counts = if client { b"\0\x01\0\0\0\0\0\0" } else { b"\0\x01\0\x01\0\0\0\0" };
        let answer = if client {
            vec![]
        } else {
            [&b"\xc0\x0c\0\x01\0\x01\0\0\x0e\x10\0\x04"[..], &n.bytes(4)].concat()
        };
        let message = [&n.bytes(2)[..], flags, counts, &name, &answer].concat();
        [be16(message.len()), message].concat()
    }),
    ("HTTP/2", |n, client| {
        let (kind, content) = match n.below(4) {
            0 => (0u8, n.content()),
            1 => (1, n.bytes(40)),
            2 => (6, n.bytes(8)),
            _ => (8, be32(n.below(70_000))),
        };
        let stream = 1 + 2 * n.below(20) + usize::from(!client);
        [&be32(content.len())[1..], &[kind, n.below(6) as u8], &be32(stream), &content].concat()
    }),
    ("gRPC", |n, _| {
        let content = n.content();
        [vec![0], be32(content.len()), content].concat()
    }),
    ("TLS records", |n, _| {
        let length = 24 + n.below(1300);
        [vec![0x17, 3, 3], be16(length), n.bytes(length)].concat()
    }),
    ("SSH", |n, _| {
        let length = 16 * (1 + n.below(60));
        n.bytes(length)
    }),
    ("MQTT", |n, client| match (n.below(5), client) {
        (0, true) => vec![0xC0, 0],
        (0, false) => vec![0xD0, 0],
        (1, true) => [&[0x82, 14, 0, n.below(200) as u8, 0, 9][..], b"sensors/#", &[1]].concat(),
        (1, false) => vec![0x90, 3, 0, n.below(200) as u8, 1],
        (2, _) => vec![0x40, 2, 0, n.below(200) as u8],
        _ => {
            let content = short(n);
            let topic = b"\x00\x05a/b/c";
            [
                &[0x30 | ((n.below(2) as u8) << 1), (topic.len() + content.len().min(100)) as u8][..],
                topic,
                &content[..content.len().min(100)],
            ]
            .concat()
        }
    }),
    ("Cassandra 4", |n, client| {
        let content = n.content();
        let version = if client { 0x04 } else { 0x84 };
        let opcode = if client { *n.one(&[7u8, 9, 10]) } else { *n.one(&[0u8, 8]) };
        [&[version, 0, 0, n.below(90) as u8, opcode][..], &be32(content.len()), &content].concat()
    }),
    ("Cassandra 2", |n, client| {
        let content = n.content();
        let version = if client { 0x02 } else { 0x82 };
        [&[version, 0, n.below(90) as u8, if client { 7 } else { 8 }][..], &be32(content.len()), &content]
            .concat()
    }),
    ("Thrift", |n, client| {
        let content = n.content();
        let kind = if client { 1 } else { 2 };
        [&[0x80, 1, 0, kind][..], &be32(5), b"fetch", &be32(n.below(90)), &content, &[0]].concat()
    }),
    ("MessagePack", |n, _| {
        let word = short(n);
        let word = &word[..word.len().min(31)];
        [&[0x82, 0xA2][..], b"id", &[n.below(128) as u8, 0xA1, b'v', 0xA0 | word.len() as u8], word].concat()
    }),
    ("CBOR", |n, _| {
        let word = short(n);
        let word = &word[..word.len().min(23)];
        [&[0x82, 0x18, n.below(256) as u8, 0x60 | word.len() as u8][..], word].concat()
    }),
    ("MongoDB", |n, client| {
        let content = n.content();
        let (to, answer) = if client { (n.below(900), 0) } else { (n.below(900), n.below(900)) };
        [le32(16 + content.len()), le32(to), le32(answer), le32(2013), content].concat()
    }),
    ("Kafka", |n, client| {
        let content = n.content();
        if client {
            [be32(content.len() + 8), be16(n.below(30)), be16(9), be32(n.below(900)), content].concat()
        } else {
            [be32(content.len() + 4), be32(n.below(900)), content].concat()
        }
    }),
    ("AMQP", |n, _| {
        let content = n.content();
        [&[*n.one(&[1u8, 2, 3, 8]), 0, 1][..], &be32(content.len()), &content, &[0xCE]].concat()
    }),
    ("ZeroMQ", |n, _| {
        let content = short(n);
        [vec![*n.one(&[0u8, 0, 1, 4]), content.len() as u8], content].concat()
    }),
    ("DER", |n, _| {
        let content = short(n);
        let id = [2, 1, n.below(128) as u8];
        let inside = [&id[..], &[4, content.len() as u8], &content].concat();
        if inside.len() < 128 {
            [vec![0x30, inside.len() as u8], inside].concat()
        } else {
            [vec![0x30, 0x81, inside.len() as u8], inside].concat()
        }
    }),
    ("octet strings of DER", |n, client| {
        let content = short(n);
        [vec![if client { 4 } else { *n.one(&[2u8, 4, 10]) }, content.len() as u8], content].concat()
    }),
    ("TPKT", |n, _| {
        let content = short(n);
        [&[3, 0][..], &be16(content.len() + 7), &[2, 0xF0, 0x80], &content].concat()
    }),
    ("RTP over RTSP", |n, _| {
        let length = 12 + n.below(1200);
        let body = n.bytes(length);
        [&[b'$', n.below(2) as u8][..], &be16(length + 2), &[0x80, 0x60], &body].concat()
    }),
    ("STUN and ChannelData", |n, _| {
        let content = n.content();
        if n.below(2) == 0 {
            [&[0x40, 0][..], &be16(content.len()), &content].concat()
        } else {
            let id = n.bytes(12);
            [&[1, 1][..], &be16(content.len()), &[0x21, 0x12, 0xA4, 0x42], &id, &content].concat()
        }
    }),
    ("RTMP", |n, _| {
        let length = n.below(128);
        let content = n.bytes(length);
        [&[*n.one(&[2u8, 3, 4, 0x44, 0x84])][..], &n.bytes(3), &be32(length)[1..], &[8, 1, 0, 0, 0], &content]
            .concat()
    }),
    ("BitTorrent", |n, _| {
        let block = n.bytes(600);
        match n.below(4) {
            0 => be32(0),
            1 => [be32(5), vec![4], be32(n.below(500))].concat(),
            2 => [be32(13), vec![6], be32(n.below(500)), be32(0), be32(16384)].concat(),
            _ => [be32(609), vec![7], be32(n.below(500)), be32(0), block].concat(),
        }
    }),
    ("Redis", |n, client| {
        let content = short(n);
        if client {
            [&b"*2\r\n$3\r\nGET\r\n$4\r\nkey"[..], &[b'0' + n.below(10) as u8], b"\r\n"].concat()
        } else {
            [format!("${}\r\n", content.len()).into_bytes(), content, b"\r\n".to_vec()].concat()
        }
    }),
    ("PostgreSQL", |n, client| {
        let content = n.content();
        [vec![*n.one(if client { b"QPBES" } else { b"TDCZS" })], be32(content.len() + 4), content].concat()
    }),
    ("texts that end in 00", |n, _| {
        let length = n.below(80);
        [n.text(length), vec![0]].concat()
    }),
    ("texts that end in FF", |n, _| {
        let length = n.below(80);
        [n.text(length), vec![0xFF]].concat()
    }),
    ("samples of 16 bits", |n, _| {
        let mut level = n.below(4000) as u16;
        let count = 1 + n.below(600);
        (0..count)
            .flat_map(|_| {
                level = level.wrapping_add(n.below(200) as u16).wrapping_sub(100);
                level.to_le_bytes()
            })
            .collect()
    }),
    ("numbers of 32 bits, low first", |n, _| (0..=n.below(90)).flat_map(|_| le32(n.below(300))).collect()),
    ("numbers of 32 bits, high first", |n, _| (0..=n.below(90)).flat_map(|_| be32(n.below(300))).collect()),
];
