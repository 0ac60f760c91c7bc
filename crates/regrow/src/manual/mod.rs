//! The manual: what to take when, with examples in which something fails and regrows.
//!
//! | page | it answers |
//! |---|---|
//! | [`starting`] | what can be a child, and how it comes up |
//! | [`strategies`] | what is restarted when something fails, how often, and what happens then |
//! | [`stopping`] | how a tree comes down, within what time, and what it says about it |
//! | [`watching`] | how to see what a tree does, and whether it is well |
//! | `regrow::testing`, with the feature `testing` | how to test a tree of your own, with faults by name |
//!
//! The numbers in brackets are those of the sentences in `docs/semantics.md`. In the drawings and in
//! the short event lists, `+a` says that a is up, `-a` that it stopped when asked, `~a` that it
//! completed by itself, `!a` that it failed, `xa` that its start failed; `.` is the root.

#[doc = include_str!("starting.md")]
pub mod starting {}

#[doc = include_str!("strategies.md")]
pub mod strategies {}

#[doc = include_str!("stopping.md")]
pub mod stopping {}

#[doc = include_str!("watching.md")]
pub mod watching {}
