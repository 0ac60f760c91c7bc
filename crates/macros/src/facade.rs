//! Where the generated code finds regrow.
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};

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

    /// The path of an item of the facade. What rustc has to say of it shows at `span`.
    pub(crate) fn item(&self, name: &str, span: Span) -> TokenStream {
        let name = Ident::new(name, span);
        let path = self.0.clone().into_iter().map(|mut token| {
            token.set_span(token.span().located_at(span));
            token
        });
        quote_spanned!(span=> #(#path)*::#name)
    }

    /// A function of a builder. The builder's name is at `head`; what rustc has to say of the call shows at `span`.
    pub(crate) fn function(
        &self,
        builder: &str,
        head: Span,
        name: &str,
        span: Span,
    ) -> TokenStream {
        let mut path: Vec<TokenTree> = self.item(builder, span).into_iter().collect();
        if let Some(builder) = path.last_mut() {
            builder.set_span(head);
        }
        let name = Ident::new(name, span);
        quote_spanned!(span=> #(#path)*::#name)
    }
}
