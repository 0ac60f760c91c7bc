//! What is known of a panic.
use std::{
    any::Any,
    backtrace::{Backtrace, BacktraceStatus},
    cell::{Cell, RefCell},
    fmt,
    panic::PanicHookInfo,
    sync::{Arc, Once},
};

/// A panic that ended a life: its message, where it was, and its backtrace where one was asked
/// for (`RUST_BACKTRACE`, `RUST_LIB_BACKTRACE`).
///
/// The panic hook that the program has installed is called as ever, once; regrow's own hook
/// stands before it and only takes note. `Display` is one line: message and location.
#[derive(Clone)]
pub struct PanicReport(Arc<Parts>);

struct Parts {
    message: String,
    location: Option<String>,
    backtrace: Option<Backtrace>,
    in_destructor: bool,
}

impl PanicReport {
    /// The message; for a payload that is no text, its place is taken by a note that says so.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// `file:line:column`. None when the program replaced the panic hook while the tree ran.
    pub fn location(&self) -> Option<&str> {
        self.0.location.as_deref()
    }

    /// The backtrace, where one was asked for.
    pub fn backtrace(&self) -> Option<&Backtrace> {
        self.0.backtrace.as_ref()
    }

    /// Whether the body had ended or was killed, and a destructor panicked.
    pub fn is_in_destructor(&self) -> bool {
        self.0.in_destructor
    }

    /// A panic of which nothing but this is known.
    #[doc(hidden)]
    pub fn of(message: String) -> Self {
        Self(Arc::new(Parts {
            message,
            location: None,
            backtrace: None,
            in_destructor: false,
        }))
    }

    pub(crate) fn in_destructor(self) -> Self {
        match Arc::try_unwrap(self.0) {
            Ok(parts) => Self(Arc::new(Parts {
                in_destructor: true,
                ..parts
            })),
            Err(shared) => Self(shared),
        }
    }
}

impl fmt::Display for PanicReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.in_destructor {
            f.write_str("in a destructor: ")?;
        }
        f.write_str(&self.0.message)?;
        match &self.0.location {
            Some(location) => write!(f, " (at {location})"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for PanicReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PanicReport")
            .field("message", &self.0.message)
            .field("location", &self.0.location)
            .field("in_destructor", &self.0.in_destructor)
            .finish_non_exhaustive()
    }
}

thread_local! {
    /// How many of our catches the code of this thread runs in.
    static WATCHED: Cell<u32> = const { Cell::new(0) };

    /// The last panic that our hook took note of on this thread, until it is claimed.
    static LAST: RefCell<Option<Note>> = const { RefCell::new(None) };
}

/// What our hook saw of a panic.
struct Note {
    message: Option<String>,
    location: Option<String>,
    backtrace: Option<Backtrace>,
}

/// While it lives, our hook takes note of panics on this thread.
pub(crate) struct Watch;

impl Watch {
    pub(crate) fn new() -> Self {
        let _ = WATCHED.try_with(|watched| watched.set(watched.get() + 1));
        Self
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = WATCHED.try_with(|watched| watched.set(watched.get() - 1));
    }
}

fn is_watched() -> bool {
    WATCHED
        .try_with(|watched| watched.get() > 0)
        .unwrap_or(false)
}

/// Puts our hook before the one that is there, once a program.
pub(crate) fn install_hook() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let previous = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if is_watched() {
                take_note(info);
            }
            previous(info);
        }));
    });
}

fn take_note(info: &PanicHookInfo<'_>) {
    let location = info.location().map(ToString::to_string);
    let backtrace = Some(Backtrace::capture())
        .filter(|backtrace| backtrace.status() == BacktraceStatus::Captured);
    let _ = LAST.try_with(|last| {
        if let Ok(mut last) = last.try_borrow_mut() {
            *last = Some(Note {
                message: text_of(info.payload()),
                location,
                backtrace,
            });
        }
    });
}

fn text_of(payload: &(dyn Any + Send)) -> Option<String> {
    let text = payload.downcast_ref::<&str>().map(ToString::to_string);
    text.or_else(|| payload.downcast_ref::<String>().cloned())
}

/// Makes a report of a payload that was caught on this thread.
pub(crate) fn claim(payload: &(dyn Any + Send)) -> PanicReport {
    let message = text_of(payload);
    let note = LAST
        .try_with(|last| last.try_borrow_mut().ok().and_then(|mut last| last.take()))
        .ok()
        .flatten()
        // A payload that was thrown on without the hook is not the panic that the hook saw last.
        .filter(|note| note.message == message);
    let (location, backtrace) = match note {
        Some(note) => (note.location, note.backtrace),
        None => (None, None),
    };
    PanicReport(Arc::new(Parts {
        message: message.unwrap_or_else(|| "(a payload that is no text)".into()),
        location,
        backtrace,
        in_destructor: false,
    }))
}
