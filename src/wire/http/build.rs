//! Writing heads.

/// A head that is being written: a start line, then fields in the order in which they are added.
///
/// CR, LF and NUL in what it is given become spaces, so that no value can end its line and begin another
/// (header injection, RFC 9110 section 5.5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeadBuilder {
    bytes: Vec<u8>,
}

impl HeadBuilder {
    /// A request of HTTP/1.1.
    #[must_use]
    pub fn request(method: &str, target: &str) -> Self {
        let mut head = Self { bytes: Vec::with_capacity(256) };
        head.push(method);
        head.bytes.push(b' ');
        head.push(target);
        head.bytes.extend_from_slice(b" HTTP/1.1\r\n");
        head
    }

    /// A response of HTTP/1.1.
    #[must_use]
    pub fn response(status: u16, reason: &str) -> Self {
        let mut head = Self { bytes: Vec::with_capacity(256) };
        head.push(&format!("HTTP/1.1 {status:03} "));
        head.push(reason);
        head.bytes.extend_from_slice(b"\r\n");
        head
    }

    /// Adds a field.
    #[must_use]
    pub fn field(mut self, name: &str, value: &str) -> Self {
        self.push(name);
        self.bytes.extend_from_slice(b": ");
        self.push(value);
        self.bytes.extend_from_slice(b"\r\n");
        self
    }

    /// Adds a field where there is a value.
    #[must_use]
    pub fn maybe(self, name: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.field(name, value),
            None => self,
        }
    }

    /// Adds fields.
    #[must_use]
    pub fn extend<'a>(self, fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        fields.into_iter().fold(self, |head, (name, value)| head.field(name, value))
    }

    /// The bytes, with the empty line.
    pub fn finish(mut self) -> Vec<u8> {
        self.bytes.extend_from_slice(b"\r\n");
        self.bytes
    }

    fn push(&mut self, text: &str) {
        self.bytes
            .extend(text.bytes().map(|byte| if matches!(byte, b'\r' | b'\n' | 0) { b' ' } else { byte }));
    }
}

/// The usual words for a status (RFC 9110 section 15).
pub const fn reason_phrase(status: u16) -> &'static str {
    match status {
        100 => "Continue",
        101 => "Switching Protocols",
        200 => "OK",
        204 => "No Content",
        301 => "Moved Permanently",
        302 => "Found",
        304 => "Not Modified",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        411 => "Length Required",
        413 => "Content Too Large",
        426 => "Upgrade Required",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        505 => "HTTP Version Not Supported",
        _ => "Unknown",
    }
}
