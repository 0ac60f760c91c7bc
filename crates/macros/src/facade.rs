//! Where the generated code finds regrow.
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

/// The path of the facade, as it is called in the program: `$crate`, or what an attribute was told.
#[derive(Clone)]
pub(crate) struct Facade(TokenStream);

impl Facade {
    pub(crate) fn at(path: TokenStream) -> Self {
        Self(path)
    }

    /// The facade under its own name.
    pub(crate) fn by_name() -> Self {
        Self(quote!(::regrow))
    }

    /// The path of an item of the facade. What is looked up there shows at `span`.
    pub(crate) fn item(&self, name: &str, span: Span) -> TokenStream {
        let path = &self.0;
        let name = Ident::new(name, span);
        quote!(#path::#name)
    }
}
