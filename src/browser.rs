//! Opening an address in the browser that a person uses.

use std::io;

/// Opens an address, and does not wait for the browser.
///
/// # Errors
/// Where it is no address of a page, or nothing could be opened.
pub(crate) fn open(address: &str) -> io::Result<()> {
    // Nothing else reaches a command: no option, no program.
    if !["https://", "http://", "file://"].iter().any(|scheme| address.starts_with(scheme)) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "this is no address of a page"));
    }
    open::that_detached(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_are_opened() {
        for no_page in ["--help", "/bin/sh", "javascript:alert(1)", "", "ftp://example.org/"] {
            assert_eq!(open(no_page).unwrap_err().kind(), io::ErrorKind::InvalidInput, "{no_page}");
        }
    }
}
