//! What the macros make, to be read. Each file in `expansions` is a case: what is written, a line, and what comes
//! out. `UPDATE=1` writes that into the files; it is committed only when a careful person would have written it so.
#![allow(
    clippy::disallowed_methods,
    reason = "the macros read no environment; this reads whether to update the files"
)]
use crate::{program, tree, worker};
use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use quote::{format_ident, quote};
use std::{env, fs, path::Path};

/// Expands a macro as the compiler would: `supervision_tree!( … )`, or a function with an attribute.
fn expanded(written: &str) -> TokenStream {
    let tokens: Vec<TokenTree> = written
        .parse::<TokenStream>()
        .expect("it can be cut into tokens")
        .into_iter()
        .collect();
    match tokens.as_slice() {
        [TokenTree::Ident(_), _, TokenTree::Group(tree)] => {
            let tree = tree.stream();
            tree::expand(quote!([::regrow] #tree))
        }
        [_, TokenTree::Group(attribute), item @ ..] => {
            let (name, arguments) = attribute_of(attribute.stream());
            let item = item.iter().cloned().collect();
            match &*name.to_string() {
                "worker" => worker::expand(arguments, item),
                "main" => program::expand(arguments, item),
                other => panic!("there is no macro `{other}`"),
            }
        }
        _ => panic!("neither a tree nor a function with an attribute"),
    }
}

/// `worker` and what stands in its parentheses.
fn attribute_of(attribute: TokenStream) -> (Ident, TokenStream) {
    let mut name = format_ident!("none");
    let mut arguments = TokenStream::new();
    for token in attribute {
        match token {
            TokenTree::Ident(word) => name = word,
            TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis => {
                arguments = group.stream();
            }
            _ => {}
        }
    }
    (name, arguments)
}

/// As rustfmt might print it: items, or else what stands in a function.
pub(super) fn printed(tokens: &TokenStream) -> String {
    if let Ok(items) = syn::parse2(tokens.clone()) {
        return prettyplease::unparse(&items);
    }
    let function = syn::parse2(quote!(fn expanded() { #tokens }));
    let function = prettyplease::unparse(&function.expect("it is an expression"));
    function
        .lines()
        .filter(|line| line.starts_with("    ") || line.is_empty())
        .map(|line| format!("{}\n", line.get(4..).unwrap_or_default()))
        .collect()
}

#[test]
fn the_expansions_are_as_they_were_read() {
    let update = env::var_os("UPDATE").is_some();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/tests/expansions");
    let mut files = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let told = fs::read_to_string(&path).unwrap();
        let written = told.split("\n----\n").next().unwrap_or_default().trim_end();
        let came = format!("{written}\n----\n{}", printed(&expanded(written)));
        files += 1;
        if update {
            fs::write(&path, came).unwrap();
        } else {
            assert!(
                told == came,
                "{} (UPDATE=1 rewrites it):\n{came}",
                path.display()
            );
        }
    }
    assert!(files >= 18, "a case is missing");
}
