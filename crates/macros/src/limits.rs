//! Whether a child's own tolerance can be exceeded at all, with the backoff that it has (semantics 16).
use crate::{
    duration,
    node::{Node, place},
    split::{Of, inside, is, split},
    troubles::Troubles,
};
use proc_macro2::{Delimiter, TokenTree};
use regrow_core::{Backoff, Tolerance};
use std::time::Duration;
use syn::Lit;

/// Judges what is written out, by the rule of `core`.
pub(crate) fn check(node: &Node, troubles: &mut Troubles) {
    let (Some(limit), Some(backoff)) = (node.field("own_tolerance"), node.field("backoff")) else {
        return;
    };
    let (Some(tolerance), Some(waits)) = (
        tolerance(limit.value.tokens()),
        self::backoff(backoff.value.tokens()),
    ) else {
        return;
    };
    if tolerance.is_out_of_reach(&waits) {
        troubles.say(
            place(limit.value.tokens()),
            format_args!(
                "the backoff makes so many restarts last {:?}, where {tolerance} are borne: that is never exceeded; \
                 give it a longer window, or `Tolerance::unlimited()`",
                tolerance.takes(&waits)
            ),
        );
    }
}

/// `(3, 5s)`, or `Tolerance::new(3, 5s)`, with or without what is to be done then.
fn tolerance(tokens: &[TokenTree]) -> Option<Tolerance> {
    let arguments = match tokens {
        [pair] => pair,
        [.., name, pair] if is_word(name, "new") => pair,
        [.., name, pair, dot, then, _]
            if is_word(name, "new") && is(dot, '.') && is_word(then, "then") =>
        {
            pair
        }
        _ => return None,
    };
    let parts = parts(arguments)?;
    let [limit, window] = parts.as_slice() else {
        return None;
    };
    Some(Tolerance::new(number(limit)?, duration(window)?))
}

/// `Backoff::constant(1s)` or `Backoff::exponential(1s, 1m)`; jitter and reset have no say in this.
fn backoff(tokens: &[TokenTree]) -> Option<Backoff> {
    let at = tokens
        .iter()
        .position(|token| is_word(token, "constant") || is_word(token, "exponential"))?;
    let parts = parts(tokens.get(at + 1)?)?;
    match (parts.as_slice(), &tokens[at + 2..]) {
        ([wait], []) if is_word(&tokens[at], "constant") => {
            Some(Backoff::constant(duration(wait)?))
        }
        ([first, cap], tail) if is_word(&tokens[at], "exponential") => {
            let waits = Backoff::exponential(duration(first)?, duration(cap)?);
            match tail {
                [] => Some(waits),
                [dot, word, _] if is(dot, '.') && is_word(word, "reset_after") => Some(waits),
                [dot, word, _] if is(dot, '.') && is_word(word, "without_jitter") => {
                    Some(waits.without_jitter())
                }
                _ => None,
            }
        }
        _ => None,
    }
}

/// The arguments in parentheses. What is wrong with them is told elsewhere.
fn parts(arguments: &TokenTree) -> Option<Vec<Vec<TokenTree>>> {
    let mut unheard = Troubles::default();
    let parts = split(
        inside(arguments, Delimiter::Parenthesis)?,
        Of::Values,
        &mut unheard,
    );
    unheard.are_none().then_some(parts)
}

fn is_word(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == word)
}

fn number(tokens: &[TokenTree]) -> Option<u32> {
    let [TokenTree::Literal(literal)] = tokens else {
        return None;
    };
    match Lit::new(literal.clone()) {
        Lit::Int(number) => number.base10_parse().ok(),
        _ => None,
    }
}

fn duration(tokens: &[TokenTree]) -> Option<Duration> {
    let [token] = tokens else { return None };
    duration::of_token(token)
}
