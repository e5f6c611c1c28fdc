//! HTTP/1.1 messages as they stand on the wire (RFC 9112): heads, bodies and their fields.
//!
//! Nothing is normalised. A [`Head`] keeps every byte and knows what each is for, in the order, the case and
//! with the white space that were sent, because what is odd is often what there is to see.

mod body;
mod build;
mod fields;
mod head;
mod head_end;
mod parse;
mod typed;

pub use body::{Body, BodyPart, ChunkedProgress, ChunkedScanner, chunked_data};
pub use build::{HeadBuilder, reason_phrase};
pub use fields::{KINDS, body_field, head_field, message_field};
pub(crate) use fields::{message, text_or_bytes};
pub use head::{Element, Fold, HTTP2_PREFACE_REST, Head, HeaderField, Span, StartLine};
pub use head_end::{HeadEnd, find_head_end, leading_lines};
pub use parse::{MAX_HEAD, MAX_METHOD, is_meant_as_head, is_token_byte, may_begin, parse_head};
pub use typed::{FieldError, field_value, header, token};

#[cfg(test)]
mod tests;
