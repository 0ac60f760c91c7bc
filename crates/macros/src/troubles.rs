//! What is wrong with what was written: all of it is told at once.
use proc_macro2::{Span, TokenStream};
use std::fmt::Display;
use syn::Error;

/// The errors that were found. What was made nevertheless is emitted beside them, so that an editor
/// goes on to know what is meant.
#[derive(Default)]
pub(crate) struct Troubles(Vec<Error>);

impl Troubles {
    pub(crate) fn say(&mut self, at: Span, what: impl Display) {
        self.0.push(Error::new(at, what));
    }

    /// With `of`'s tokens as the place, from the first to the last.
    pub(crate) fn say_of(&mut self, of: &[proc_macro2::TokenTree], what: impl Display) {
        let place: TokenStream = of.iter().cloned().collect();
        self.0.push(Error::new_spanned(place, what));
    }

    /// An invocation of `compile_error!` each.
    pub(crate) fn tokens(&self) -> TokenStream {
        self.0.iter().map(Error::to_compile_error).collect()
    }

    pub(crate) fn are_none(&self) -> bool {
        self.0.is_empty()
    }
}
