//! Token lists, taken apart at their commas.
use crate::troubles::Troubles;
use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

/// What a list is of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Of {
    /// Keys, with their values.
    Fields,
    /// Expressions.
    Values,
}

/// Takes a list apart at its commas. What is in brackets of any kind is one token and is not looked into; the
/// parameters of a closure and the arguments of a turbofish stay together.
///
/// A comma that is missing, stands twice or is a semicolon is a trouble, and the list goes on as it was meant.
pub(crate) fn split(
    tokens: impl IntoIterator<Item = TokenTree>,
    of: Of,
    troubles: &mut Troubles,
) -> Vec<Vec<TokenTree>> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut pieces = Vec::new();
    let mut begin = 0;
    let mut at = 0;
    while at < tokens.len() {
        let token = &tokens[at];
        let separates = is(token, ',') || is(token, ';');
        if is(token, ';') {
            troubles.say(
                token.span(),
                "a `,` separates what is listed here, not a `;`",
            );
        } else if separates && begin == at {
            troubles.say(token.span(), "there is nothing before this `,`: remove it");
        } else if !separates && begin < at && are_two(&tokens, at, of) {
            troubles.say(
                token.span(),
                format_args!("a `,` is missing before `{token}`"),
            );
            pieces.push(tokens[begin..at].to_vec());
            begin = at;
        }
        if separates {
            if begin < at {
                pieces.push(tokens[begin..at].to_vec());
            }
            begin = at + 1;
            at += 1;
        } else {
            at = together(&tokens, at);
        }
    }
    if begin < tokens.len() {
        pieces.push(tokens[begin..].to_vec());
    }
    pieces
}

/// The words after which, or before which, a value goes on.
const GLUE: [&str; 30] = [
    "as", "async", "await", "break", "const", "continue", "dyn", "else", "extern", "fn", "for",
    "if", "impl", "in", "let", "loop", "match", "mod", "move", "mut", "pub", "ref", "return",
    "static", "struct", "unsafe", "use", "where", "while", "yield",
];

/// Whether the tokens before and at `at` are two values side by side, which no expression has.
fn are_two(tokens: &[TokenTree], at: usize, of: Of) -> bool {
    if of == Of::Fields && is_key(tokens, at - 1) && !is_separator(tokens, at + 1) {
        // It is no `,` that is missing behind a key.
        return false;
    }
    let goes_on = is_number(&tokens[at])
        && at
            .checked_sub(2)
            .is_some_and(|before| is_number(&tokens[before]));
    if (is_number(&tokens[at - 1]) || goes_on)
        && !(of == Of::Fields && is_separator(tokens, at + 1))
    {
        // `5 s`, `1m 30s` and `1 m 30 s` are a duration in words.
        return false;
    }
    let begins = match &tokens[at] {
        TokenTree::Ident(word) => !GLUE.contains(&&*word.to_string()),
        TokenTree::Literal(_) => true,
        _ => false,
    };
    let before = at.checked_sub(2).map(|before| &tokens[before]);
    let ends = match &tokens[at - 1] {
        TokenTree::Ident(word) => {
            let is_lifetime = before.is_some_and(|mark| is(mark, '\''));
            !is_lifetime && !GLUE.contains(&&*word.to_string())
        }
        TokenTree::Group(_) => !before.is_some_and(|mark| is(mark, '#')),
        TokenTree::Literal(_) => true,
        TokenTree::Punct(_) => false,
    };
    begins && ends
}

fn is_number(token: &TokenTree) -> bool {
    let text = token.to_string();
    matches!(token, TokenTree::Literal(_)) && text.starts_with(|c: char| c.is_ascii_digit())
}

/// Whether a field begins with the word at `at`.
fn is_key(tokens: &[TokenTree], at: usize) -> bool {
    let begins = match at.checked_sub(1).map(|before| &tokens[before]) {
        None => true,
        Some(TokenTree::Group(_)) => at > 1 && is(&tokens[at - 2], '#'),
        Some(before) => is(before, ',') || is(before, ';'),
    };
    begins && matches!(tokens[at], TokenTree::Ident(_))
}

/// Whether what is at `at` can stand between a key and its value.
pub(crate) fn is_separator(tokens: &[TokenTree], at: usize) -> bool {
    let equals = |token: &TokenTree| is(token, '=') && !is_joint(token, '=');
    is_colon(tokens, at) || tokens.get(at).is_some_and(equals)
}

/// Where what begins at `at` ends: behind it, or behind the parameters or arguments that belong to it.
fn together(tokens: &[TokenTree], at: usize) -> usize {
    let one = at + 1;
    if begins_closure(tokens, at) {
        return behind_parameters(tokens, at);
    }
    if begins_arguments(tokens, at) {
        return closing_angle(tokens, at).map_or(one, |angle| angle + 1);
    }
    one
}

/// Behind the second bar of a closure, and of the one that it returns at once.
fn behind_parameters(tokens: &[TokenTree], at: usize) -> usize {
    let mut next = at;
    while tokens.get(next).is_some_and(|token| is(token, '|')) {
        let bar = (next + 1..tokens.len()).find(|&bar| is(&tokens[bar], '|'));
        let Some(bar) = bar else { return next + 1 };
        next = bar + 1;
    }
    next
}

/// Behind the `<…>` that a signature may begin with.
pub(crate) fn behind_generics(signature: &[TokenTree]) -> usize {
    match signature {
        [angle, ..] if is(angle, '<') => closing_angle(signature, 0).map_or(0, |angle| angle + 1),
        _ => 0,
    }
}

/// A `|` where a value may begin is that of a closure, and not an "or".
fn begins_closure(tokens: &[TokenTree], at: usize) -> bool {
    is(&tokens[at], '|')
        && match at.checked_sub(1).map(|before| &tokens[before]) {
            None => true,
            Some(TokenTree::Ident(word)) => {
                ["move", "async", "static", "return", "else", "in"].contains(&&*word.to_string())
            }
            Some(TokenTree::Punct(mark)) => !"?|>".contains(mark.as_char()),
            Some(_) => false,
        }
}

/// A `<` where a value may begin, behind `::` or in a type, is that of a list of types, and not a "less".
fn begins_arguments(tokens: &[TokenTree], at: usize) -> bool {
    is(&tokens[at], '<')
        && match at.checked_sub(1).map(|before| &tokens[before]) {
            None => true,
            Some(TokenTree::Ident(word)) => {
                GLUE.contains(&&*word.to_string()) || is_in_type(tokens, at)
            }
            Some(TokenTree::Punct(mark)) => {
                !"?<>".contains(mark.as_char()) || is_arrow(tokens, at - 1)
            }
            Some(_) => false,
        }
}

/// Whether what is before `at` is a path behind `as` or `->`.
fn is_in_type(tokens: &[TokenTree], at: usize) -> bool {
    for before in (0..at).rev() {
        match &tokens[before] {
            TokenTree::Ident(word) if word == "as" => return true,
            TokenTree::Ident(_) => {}
            TokenTree::Punct(mark) if mark.as_char() == '>' => return is_arrow(tokens, before),
            TokenTree::Punct(mark) if ":&*'".contains(mark.as_char()) => {}
            _ => return false,
        }
    }
    false
}

/// Whether the `>` at `at` is that of `->`.
fn is_arrow(tokens: &[TokenTree], at: usize) -> bool {
    is(&tokens[at], '>') && at > 0 && is_joint(&tokens[at - 1], '-')
}

fn closing_angle(tokens: &[TokenTree], open: usize) -> Option<usize> {
    let mut depth = 0_u32;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        if is(token, '<') {
            depth += 1;
        } else if is(token, '>') && !is_arrow(tokens, at) {
            depth -= 1;
            if depth == 0 {
                return Some(at);
            }
        } else if is(token, ';') {
            return None;
        }
    }
    None
}

pub(crate) fn is(token: &TokenTree, mark: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == mark)
}

pub(crate) fn is_joint(token: &TokenTree, mark: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == mark && punct.spacing() == Spacing::Joint)
}

/// Whether there is exactly one `:` at `at`, that is no half of a `::`.
pub(crate) fn is_colon(tokens: &[TokenTree], at: usize) -> bool {
    let single = |at: usize| tokens.get(at).is_some_and(|token| is(token, ':'));
    single(at)
        && !is_joint(&tokens[at], ':')
        && !at
            .checked_sub(1)
            .is_some_and(|before| is_joint(&tokens[before], ':'))
}

/// Whether `..` begins at `at`.
pub(crate) fn is_dots(tokens: &[TokenTree], at: usize) -> bool {
    tokens.get(at).is_some_and(|token| is_joint(token, '.'))
        && tokens.get(at + 1).is_some_and(|token| is(token, '.'))
}

/// The inside of a group in such brackets.
pub(crate) fn inside(token: &TokenTree, delimiter: Delimiter) -> Option<TokenStream> {
    match token {
        TokenTree::Group(group) if group.delimiter() == delimiter => Some(group.stream()),
        _ => None,
    }
}
