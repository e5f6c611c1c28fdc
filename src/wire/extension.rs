//! The grammar of `Sec-WebSocket-Extensions` (RFC 6455 section 9.1).

use crate::rule::Finding;

/// One extension with its parameters, as offered or as agreed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extension {
    /// The extension's registered name: `permessage-deflate`.
    pub name: String,
    /// Its parameters in order: a name and, where there is one, a value (quotes removed).
    pub params: Vec<(String, Option<String>)>,
}

impl Extension {
    /// Reads the value of one header field: a list of extensions, separated by commas.
    pub fn parse_list(value: &str) -> Result<Vec<Self>, Finding> {
        let _ = value;
        todo!()
    }
}

impl std::fmt::Display for Extension {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name)
    }
}
