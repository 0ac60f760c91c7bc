//! What another macro hands on: `$name:literal` comes in brackets that nobody sees.
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// The tokens without such brackets around what is one token, or a visibility. Those around an expression keep it together.
pub(crate) fn opened(tokens: TokenStream) -> TokenStream {
    if !tokens.clone().into_iter().any(|token| is_closed(&token)) {
        return tokens;
    }
    let open = |token| match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
            let inner = opened(group.stream());
            if is_plain(&inner) {
                inner
            } else {
                TokenTree::Group(group).into()
            }
        }
        TokenTree::Group(group) => {
            let mut made = Group::new(group.delimiter(), opened(group.stream()));
            made.set_span(group.span());
            TokenTree::Group(made).into()
        }
        token => TokenStream::from(token),
    };
    tokens.into_iter().flat_map(open).collect()
}

fn is_closed(token: &TokenTree) -> bool {
    match token {
        TokenTree::Group(group) => {
            group.delimiter() == Delimiter::None
                || group.stream().into_iter().any(|token| is_closed(&token))
        }
        _ => false,
    }
}

fn is_plain(tokens: &TokenStream) -> bool {
    let mut tokens = tokens.clone().into_iter();
    match (tokens.next(), tokens.next()) {
        (Some(TokenTree::Ident(word)), Some(_)) => word == "pub",
        (_, second) => second.is_none(),
    }
}
