//! What is not tested, for want of something.

use std::{env, io::Write};

/// Says on the real stderr, past the harness's capture, that a test ends here and why.
pub(crate) fn tell(test: &str, why: &str) {
    std::io::stderr()
        .lock()
        .write_all(format!("\nSKIPPED {test}: {why}\n").as_bytes())
        .unwrap();
}

/// The same for want of something that can be installed.
///
/// # Panics
///
/// When `REGROW_REQUIRE_SERVICES=1` asks for what is missing.
pub(crate) fn skip(test: &str, why: &str) {
    assert!(
        env::var_os("REGROW_REQUIRE_SERVICES").is_none_or(|value| value != "1"),
        "{why}"
    );
    tell(test, why);
}
