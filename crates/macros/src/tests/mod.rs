//! The macros without a compiler: text in, text out.

mod expansions;
mod split;
