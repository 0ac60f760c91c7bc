//! The macros of regrow. Import them from the facade, `regrow`, whose docs tell of them: what they
//! make names nothing but the facade and `core`, and can be written by hand.
//!
//! ```text
//!  tokens -- split, parse --> Node -- check --> troubles, all of them
//!                               |---- emit ---> calls of builders, with the writer's own tokens
//!                               '---- names --> constants
//! ```
//!
//! The crate reads, checks and forwards. It never parses a value, so that an editor goes on to
//! understand one that is not finished; it has no list of methods, so that rustc tells which there
//! are; and it emits what it could make beside what it has to complain about.

mod check;
mod duration;
mod emit;
mod facade;
mod fragment;
mod function;
mod kind;
mod limits;
mod names;
mod node;
mod parse;
mod program;
mod setting;
mod split;
mod tree;
mod troubles;
mod worker;

#[cfg(test)]
mod tests;

use proc_macro::TokenStream;

/// What `regrow::supervision_tree!` hands its tokens to, behind the path of the facade.
#[doc(hidden)]
#[proc_macro]
pub fn __supervision_tree(input: TokenStream) -> TokenStream {
    tree::expand(input.into()).into()
}

/// A function that returns a `Worker`: the facade tells of it.
#[proc_macro_attribute]
pub fn worker(arguments: TokenStream, item: TokenStream) -> TokenStream {
    worker::expand(arguments.into(), item.into()).into()
}

/// The main function of a program that is a tree: the facade tells of it.
#[proc_macro_attribute]
pub fn main(arguments: TokenStream, item: TokenStream) -> TokenStream {
    program::expand(arguments.into(), item.into()).into()
}
