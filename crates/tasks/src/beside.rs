//! A thread for as long as something is done.
use std::{io, panic::resume_unwind, thread};

/// Does `act` here, with `aside` on a thread beside it, and returns when both are done. Who is beside has to end
/// with `act`, also when that panics.
///
/// # Errors
///
/// When the system gives no thread; then nothing has been done.
pub fn beside<T, A: Send>(
    name: &str,
    aside: impl FnOnce() -> A + Send,
    act: impl FnOnce() -> T,
) -> io::Result<(T, A)> {
    thread::scope(|scope| {
        let thread = thread::Builder::new().name(name.to_owned());
        let aside = thread.spawn_scoped(scope, aside)?;
        let done = act();
        let aside = aside.join().unwrap_or_else(|panic| resume_unwind(panic));
        Ok((done, aside))
    })
}
