//! What a program says, line by line.
use std::io::{self, Write};

/// Says it on stdout, at once.
pub(crate) fn say(text: &str) {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{text}")
        .and_then(|()| stdout.flush())
        .expect("somebody reads");
}

/// Says it when it is dropped.
pub(crate) struct LastWord(pub(crate) &'static str);

impl Drop for LastWord {
    fn drop(&mut self) {
        say(self.0);
    }
}
