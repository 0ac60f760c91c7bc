//! What the macro makes of a random tree is what somebody would write by hand: token for token.
#![allow(
    clippy::disallowed_methods,
    reason = "the macros read no environment; this reads whether to begin with another seed"
)]
use super::{by_hand, drawn::WORDS, expansions::printed, in_macro, random};
use crate::{split::is, tree};
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::quote;
use std::env;

const TREES: u64 = 3_000;

#[test]
fn a_tree_of_the_macro_is_the_tree_by_hand() {
    let first = env::var("SEED").map_or(1, |seed| seed.parse().expect("a seed is a number"));
    for seed in first..first + TREES {
        let tree = random::tree(seed);
        let written = in_macro::node(&tree);
        let tokens: TokenStream = written.parse().expect("it can be cut into tokens");
        let by_hand: TokenStream = by_hand::node(&tree).parse().expect("so can this");

        let made = plain(tree::expand(quote!([::regrow] #tokens)));
        assert!(
            made.to_string() == by_hand.to_string(),
            "SEED={seed}\n{written}\nis\n{}\nand by hand\n{}",
            shown(&made),
            shown(&by_hand)
        );

        let item = plain(tree::expand(
            quote!([::regrow] #[doc = "It."] pub tree = #tokens),
        ));
        let function = quote!(#[doc = "It."] pub fn tree() -> ::regrow::Supervisor { #by_hand });
        assert!(
            item.to_string().starts_with(&function.to_string()),
            "SEED={seed}\n{written}\nis the item\n{}",
            shown(&item)
        );
    }
}

/// Also what is no code at all.
fn shown(tokens: &TokenStream) -> String {
    let is_code = syn::parse2::<syn::File>(quote!(fn shown() { #tokens })).is_ok();
    if is_code {
        printed(tokens)
    } else {
        tokens.to_string()
    }
}

/// The same without the means that a macro needs and a hand does not: a word is imported where it stands, what has a
/// condition is a variable that is given anew, and what is taken over is one of which the type is said.
fn plain(tokens: TokenStream) -> TokenStream {
    let mut made = TokenStream::new();
    for token in tokens {
        let TokenTree::Group(group) = &token else {
            made.extend([token]);
            continue;
        };
        let inside: Vec<TokenTree> = group.stream().into_iter().collect();
        if let Some((path, rest)) = import(group, &inside) {
            made.extend(plain(with_paths(rest.iter().cloned().collect(), &path)));
        } else if let Some(base) = taken_over(group, &inside) {
            made.extend(plain(base));
        } else if let Some((before, call)) = conditional(group, &inside) {
            made.extend(plain(before));
            made.extend(plain(call));
        } else {
            let group = Group::new(group.delimiter(), plain(group.stream()));
            made.extend([TokenTree::Group(group)]);
        }
    }
    made
}

/// `{ #[allow(unused_imports)] use PATH::*; REST }`
fn import<'a>(group: &Group, inside: &'a [TokenTree]) -> Option<(TokenStream, &'a [TokenTree])> {
    let end = inside.iter().position(|token| is(token, ';'))?;
    let [hash, _, TokenTree::Ident(word), path @ .., colon, _, star] = &inside[..end] else {
        return None;
    };
    let is_import = group.delimiter() == Delimiter::Brace
        && is(hash, '#')
        && word == "use"
        && is(colon, ':')
        && is(star, '*');
    is_import.then(|| (path.iter().cloned().collect(), &inside[end + 1..]))
}

/// The tokens with the path before each variant that stands alone.
fn with_paths(tokens: TokenStream, path: &TokenStream) -> TokenStream {
    let of = path.clone().into_iter().last().map(|of| of.to_string());
    let (_, words) = WORDS
        .iter()
        .find(|(name, _)| Some(*name) == of.as_deref())
        .expect("no other enum is imported");
    let mut made = TokenStream::new();
    let mut is_in_path = false;
    for token in tokens {
        match &token {
            TokenTree::Ident(word) if !is_in_path && words.contains(&&*word.to_string()) => {
                made.extend(quote!(#path::#word));
            }
            TokenTree::Group(group) => {
                let stream = with_paths(group.stream(), path);
                made.extend([TokenTree::Group(Group::new(group.delimiter(), stream))]);
            }
            token => made.extend([token.clone()]),
        }
        is_in_path = is(&token, ':');
    }
    made
}

/// `({ let base: TYPE = BASE; base })`
fn taken_over(group: &Group, inside: &[TokenTree]) -> Option<TokenStream> {
    let tokens = block(group, inside)?;
    let statements: Vec<&[TokenTree]> = tokens.split(|token| is(token, ';')).collect();
    let [first, [_base]] = statements.as_slice() else {
        return None;
    };
    let equals = first.iter().position(|token| is(token, '='))?;
    Some(first[equals + 1..].iter().cloned().collect())
}

/// What is in `({ … })`.
fn block(group: &Group, inside: &[TokenTree]) -> Option<Vec<TokenTree>> {
    match inside {
        [TokenTree::Group(block)]
            if group.delimiter() == Delimiter::Parenthesis
                && block.delimiter() == Delimiter::Brace =>
        {
            Some(block.stream().into_iter().collect())
        }
        _ => None,
    }
}

/// `({ let node = BEFORE; #[cfg(…)] let node = node CALL; node })`
fn conditional(group: &Group, inside: &[TokenTree]) -> Option<(TokenStream, TokenStream)> {
    let tokens = block(group, inside)?;
    let statements: Vec<&[TokenTree]> = tokens.split(|token| is(token, ';')).collect();
    let [first, second, [_node]] = statements.as_slice() else {
        return None;
    };
    let [TokenTree::Ident(word), _, _, before @ ..] = first else {
        return None;
    };
    let [hash, condition, _, _, _, _, call @ ..] = second else {
        return None;
    };
    if word != "let" || !is(hash, '#') {
        return None;
    }
    let holds = match &*condition.to_string() {
        "[cfg (all ())]" | "[cfg(all())]" => true,
        "[cfg (any ())]" | "[cfg(any())]" => false,
        other => panic!("{other} is not drawn"),
    };
    let call: &[TokenTree] = if holds { call } else { &[] };
    Some((
        before.iter().cloned().collect(),
        call.iter().cloned().collect(),
    ))
}
