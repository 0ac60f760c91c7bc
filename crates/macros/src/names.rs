//! The runtime names of a tree, as constants: `shop::web::acceptor`.
use crate::node::{Child, Marks, Node, What};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use std::collections::HashMap;
use syn::LitStr;

/// The constants and modules of all children whose names can be read, below the runtime name of their supervisor.
///
/// Siblings whose names would be the same word have none: nobody could say which is which.
pub(crate) fn below(node: &Node, path: &str) -> TokenStream {
    let words: Vec<(Ident, LitStr, &Child)> = node
        .children()
        .filter_map(|child| {
            let name = child.name()?;
            Some((word(&name)?, name, child))
        })
        .collect();
    let mut times: HashMap<String, (u32, bool)> = HashMap::new();
    for (word, _, child) in &words {
        let (times, always) = times.entry(word.to_string()).or_default();
        *times += 1;
        *always |= child.marks.conditions.is_empty();
    }
    // Those that all have a condition may be there by turns.
    let clear = words
        .iter()
        .filter(|(word, _, _)| match times[&word.to_string()] {
            (times, true) => times == 1,
            (_, false) => true,
        });
    clear
        .map(|(word, name, child)| one(word, name, child, path))
        .collect()
}

fn one(word: &Ident, name: &LitStr, child: &Child, path: &str) -> TokenStream {
    let runtime_name = format!("{path}/{}", name.value());
    let Marks { conditions, docs } = &child.marks;
    let kind = child.kind().map_or("a child", |kind| kind.article());
    let about = format!("`{runtime_name}`, {kind}.");
    // A paragraph of its own.
    let apart = (!docs.is_empty()).then(|| quote!(#[doc = ""]));
    // So that rustc, where it tells of the constant, shows the name.
    let at = Span::call_site().located_at(word.span());
    let constant = quote_spanned! {at=>
        #docs
        #apart
        #[doc = #about]
        #conditions
        pub const #word: &str = #runtime_name;
    };
    let inner = match &child.what {
        What::Node(node) => below(node, &runtime_name),
        _ => TokenStream::new(),
    };
    if inner.is_empty() {
        return constant;
    }
    let about = format!("The runtime names below `{runtime_name}`.");
    quote! {
        #constant
        #[doc = #about]
        #conditions
        pub mod #word { #inner }
    }
}

/// The name as an identifier: what cannot stand in one is a `_`.
fn word(name: &LitStr) -> Option<Ident> {
    let text: String = name
        .value()
        .chars()
        .map(|c| {
            if c == '_' || c.is_alphanumeric() {
                c
            } else {
                '_'
            }
        })
        .collect();
    let text = if text.starts_with(|c: char| c.is_numeric()) {
        format!("_{text}")
    } else {
        text
    };
    let mut word = syn::parse_str::<Ident>(&text)
        .or_else(|_| syn::parse_str(&format!("r#{text}")))
        .or_else(|_| syn::parse_str(&format!("{text}_")))
        .ok()?;
    word.set_span(name.span());
    Some(word)
}
