//! What the macros take, what they say of what they do not take, and how rustfmt leaves them.
//!
//! - `pass`: trees that are right;
//! - `fail`: programs with one mistake each, and what the compiler says of it: one message, at the mistake, that says
//!   what to do. `TRYBUILD=overwrite` writes down what it says now; read it before it is committed;
//! - `lints.rs`, a program of its own: every form of a tree, with every lint;
//! - `format`: how rustfmt leaves a tree that is badly indented.
//!
//! A part of each message is rustc's own, which changes: messages are compared by the rustc that they were written down
//! with, and that they were not is told loudly with any other one.

mod format;
mod pass;
mod programs;
#[path = "../real_clients/skip.rs"]
mod skip;
