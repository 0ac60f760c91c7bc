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
        let at = made_at(span);
        let name = Ident::new(name, at);
        let path = self.0.clone().into_iter().map(|mut token| {
            // `$crate` is known where it was written, and nowhere else.
            let span = match token.to_string().as_str() {
                "$crate" => token.span().located_at(span),
                _ => at,
            };
            token.set_span(span);
            token
        });
        quote_spanned!(at=> #(#path)*::#name)
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
            builder.set_span(made_at(head));
        }
        let at = made_at(span);
        let name = Ident::new(name, at);
        quote_spanned!(at=> #(#path)*::#name)
    }
}

/// The place of what somebody wrote, for what the macro made of it: no lint takes that for the writer's.
fn made_at(span: Span) -> Span {
    Span::call_site().located_at(span)
}
