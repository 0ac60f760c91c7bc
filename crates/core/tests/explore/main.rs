//! Every interleaving of a bounded number of troubles, through the real engines, breadth first.
//!
//! The world plays the shell of the contract and the user; the book keeps what happened and checks
//! the laws (see the docs of `regrow_core::engine`) at each command, after each event and at rest.
//! A slice is one feature beside strategy and restart type: `slices.rs` has the table of them.
//!
//! `EXPLORE=3` searches with three interferences instead of two (`just explore`).

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "it is the engine that reads nothing; the search reads its depth and tells its time"
)]

mod book;
mod branch;
mod branching;
mod decisions;
#[path = "../driven/mod.rs"]
mod driven;
mod dynamic;
mod facts;
mod laws;
mod ordered;
mod rest;
mod search;
mod setup;
mod slices;
mod world;
