//! What heads and bodies of HTTP messages have in common.

use crate::model::dialect::{self, Dialect};
use crate::model::protocol::{Protocol, Side};
use crate::trace::item::ItemKind;
use crate::wire::http::Head;

/// The version that a 101 opens, by its own fields; for recordings without the request.
pub(super) fn answered(head: &Head) -> Option<Protocol> {
    let proves = |dialect: &&&Dialect| {
        let fields = [dialect.opening.accept, dialect.opening.location];
        fields.into_iter().flatten().any(|field| head.has(field))
    };
    let latest = dialect::ALL.iter().rev().find(proves).map(|dialect| dialect.protocol);
    // Servers of hybi-01 to -03 answer as those of hixie-76 do: the first frame tells.
    latest.map(|latest| if latest == Protocol::Hybi2 { Protocol::Hixie76 } else { latest })
}

/// The item that an HTTP message of this side is.
pub(super) const fn http_kind(side: Side) -> ItemKind {
    match side {
        Side::Client => ItemKind::HttpRequest,
        Side::Server => ItemKind::HttpResponse,
    }
}
