//! Numbers of a tree that people set who do not write its code: in a file, by runtime name.
//!
//! ```toml
//! ["root"]
//! tolerance = "3 in 5s"
//!
//! ["root/web/acceptor"]
//! shutdown = "2s"
//! backoff = { first = "100ms", cap = "5s" }
//! ```
//!
//! | key | of | value |
//! |---|---|---|
//! | `shutdown` | any child | a span, `"indefinitely"` or `"kill"` |
//! | `start_timeout` | supervisors, and workers that notify their start | a span or `"none"` |
//! | `backoff` | any child | `{ first, cap, jitter = true, reset_after }`, a span that is always waited, or `"none"` |
//! | `own_tolerance` | any child | as `tolerance`: by which its supervisor judges it alone |
//! | `tolerance` | any supervisor | `"3 in 5s"`, `{ limit = 3, window = "5s" }`, `"10 ever"` or `"unlimited"` |
//! | `kill_wait` | any supervisor | a span |
//! | `max_children` | dynamic supervisors | a number |
//!
//! A span is text, such as `"5s"`, `"300ms"` or `"1m 30s"`. A root is nobody's child, so it has the
//! keys of supervisors alone. The words mean what the builders' methods of the same names do. What
//! a file does not say stays as the code has it. All that is wrong in it is one [`ConfigError`], and
//! nothing starts.
//!
//! ```
//! use regrow_config::Config;
//! use regrow_supervisor::{Supervisor, Worker};
//!
//! let root = Supervisor::new("root").child(Worker::new("db", |ctx| async move { ctx.stopped().await }));
//! let config = Config::from_toml("app.toml", "['root/db']\nshutdown = 'soon'");
//! assert_eq!(
//!     config.unwrap_err().to_string(),
//!     "app.toml:2: \"root/db\" shutdown: expected a span such as \"5s\", \"indefinitely\" or \"kill\", not \"soon\""
//! );
//! let config = Config::from_toml("app.toml", "['root/db']\nshutdown = '1m'").unwrap();
//! let root = config.apply(root).unwrap();
//! # let _ = root;
//! ```
//!
//! This crate reads, and decides nothing: that is [`Supervisor::override_with`].
//!
//! [`Supervisor::override_with`]: regrow_supervisor::Supervisor::override_with

mod config;
mod error;
mod number;
mod value;

pub use self::{
    config::Config,
    error::{ConfigError, Problem},
};
