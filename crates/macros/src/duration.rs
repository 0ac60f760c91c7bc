//! Durations as they are spoken: `5s`, `250ms`, `1m30s`.
use crate::{
    node::place,
    split::{Of, split},
    troubles::Troubles,
};
use proc_macro2::{Delimiter, Group, Ident, Literal, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use std::time::Duration;
use syn::Lit;

/// How one is written.
pub(crate) const LIKE: &str = "`5s`, `250ms` or `1m30s`";

const NUMBERS: [&str; 14] = [
    "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize", "f32",
    "f64",
];

/// What a literal says of time.
pub(crate) enum Spoken {
    /// It is no number with a unit.
    Nothing,
    /// So long.
    Span(Duration),
    /// It has a unit that is none, by humantime.
    Wrong(String),
}

/// What a literal says, if it is a number with a unit. `0x5d` is none.
pub(crate) fn spoken(literal: &Literal) -> Spoken {
    let (digits, suffix) = match Lit::new(literal.clone()) {
        Lit::Int(int) if !literal.to_string().starts_with("0x") => {
            (int.base10_digits().to_owned(), int.suffix().to_owned())
        }
        Lit::Float(float) => (float.base10_digits().to_owned(), float.suffix().to_owned()),
        _ => return Spoken::Nothing,
    };
    if suffix.is_empty() || NUMBERS.contains(&&*suffix) {
        return Spoken::Nothing;
    }
    parse(&format!("{digits}{}", suffix.replace('_', "")))
}

/// What a text says.
pub(crate) fn parse(text: &str) -> Spoken {
    match humantime::parse_duration(text) {
        Ok(span) => Spoken::Span(span),
        Err(error) => Spoken::Wrong(error.to_string()),
    }
}

/// The duration that a single token is, as a literal with a unit or, where only a duration can stand, as text.
pub(crate) fn of_token(token: &TokenTree) -> Option<Duration> {
    let TokenTree::Literal(literal) = token else {
        return None;
    };
    let spoken = match Lit::new(literal.clone()) {
        Lit::Str(text) => parse(&text.value()),
        _ => spoken(literal),
    };
    match spoken {
        Spoken::Span(span) => Some(span),
        _ => None,
    }
}

/// The tokens with each literal that has a unit made a `Duration`. What is inside of another macro is that one's.
pub(crate) fn resolved(tokens: TokenStream, troubles: &mut Troubles) -> TokenStream {
    let mut before_is_bang = false;
    let mut resolved = TokenStream::new();
    for token in tokens {
        let is_bang = matches!(&token, TokenTree::Punct(mark) if mark.as_char() == '!');
        match token {
            TokenTree::Literal(literal) => resolved.extend(of_literal(literal, troubles)),
            TokenTree::Group(group) if !before_is_bang && has_unit(group.stream()) => {
                let mut made =
                    Group::new(group.delimiter(), self::resolved(group.stream(), troubles));
                made.set_span(group.span());
                resolved.extend([TokenTree::Group(made)]);
            }
            token => resolved.extend([token]),
        }
        before_is_bang = is_bang;
    }
    resolved
}

fn has_unit(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Literal(literal) => !matches!(spoken(&literal), Spoken::Nothing),
        TokenTree::Group(group) => has_unit(group.stream()),
        _ => false,
    })
}

fn of_literal(literal: Literal, troubles: &mut Troubles) -> TokenStream {
    let span = literal.span();
    match spoken(&literal) {
        Spoken::Nothing => TokenTree::Literal(literal).into(),
        Spoken::Span(duration) => in_code(duration, span),
        Spoken::Wrong(why) => {
            troubles.say(
                span,
                format_args!("`{literal}` is no duration: {why}; write, for instance, {LIKE}"),
            );
            in_code(Duration::from_secs(1), span)
        }
    }
}

/// A value where only a duration makes sense: a text is read as one, and a number without a unit is refused.
pub(crate) fn expected(tokens: TokenStream, troubles: &mut Troubles) -> TokenStream {
    let parts: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let [TokenTree::Literal(literal)] = parts.as_slice() else {
        return in_words(&parts, troubles).unwrap_or_else(|| resolved(tokens, troubles));
    };
    let span = literal.span();
    match Lit::new(literal.clone()) {
        Lit::Str(text) => match parse(&text.value()) {
            Spoken::Span(duration) => in_code(duration, span),
            Spoken::Wrong(why) => {
                troubles.say(
                    span,
                    format_args!("{literal} is no duration: {why}; write, for instance, {LIKE}"),
                );
                in_code(Duration::from_secs(1), span)
            }
            Spoken::Nothing => tokens,
        },
        Lit::Int(number) if number.suffix().is_empty() => {
            troubles.say(
                span,
                format_args!("`{literal}` has no unit: write `{literal}s` for seconds, or `{literal}ms` for milliseconds"),
            );
            in_code(Duration::from_secs(1), span)
        }
        _ => resolved(tokens, troubles),
    }
}

/// `1m 30s` and `5 s`, which are no Rust.
fn in_words(parts: &[TokenTree], troubles: &mut Troubles) -> Option<TokenStream> {
    let is_word = |part: &TokenTree| matches!(part, TokenTree::Literal(_) | TokenTree::Ident(_));
    let text: String = parts.iter().map(ToString::to_string).collect();
    let (true, Spoken::Span(duration)) = (parts.iter().all(is_word), parse(&text)) else {
        return None;
    };
    troubles.say_of(parts, format_args!("write `{text}`, in one word"));
    Some(in_code(duration, place(parts)))
}

/// A pair whose second is a duration, as in `(3, 5s)`; anything else is forwarded.
pub(crate) fn expected_second(tokens: TokenStream, troubles: &mut Troubles) -> TokenStream {
    let mut alone = tokens.clone().into_iter();
    let pair = match (alone.next(), alone.next()) {
        (Some(TokenTree::Group(pair)), None) => pair,
        (Some(TokenTree::Literal(number)), None) => {
            troubles.say(
                number.span(),
                "a tolerance is so many restarts in such a time: write `(3, 5s)`",
            );
            let time = in_code(Duration::from_secs(1), number.span());
            return quote!((1, #time));
        }
        _ => return resolved(tokens, troubles),
    };
    let parts = split(pair.stream(), Of::Values, troubles);
    let [first, second] = parts.as_slice() else {
        return resolved(tokens, troubles);
    };
    if pair.delimiter() != Delimiter::Parenthesis {
        return resolved(tokens, troubles);
    }
    if let ([TokenTree::Literal(span)], [TokenTree::Literal(number)]) =
        (first.as_slice(), second.as_slice())
    {
        if let (Spoken::Span(_), Spoken::Nothing) = (spoken(span), spoken(number)) {
            troubles.say_of(
                parts.concat().as_slice(),
                format_args!("the number comes first: write `({number}, {span})`"),
            );
            let time = in_code(Duration::from_secs(1), span.span());
            return quote!((#number, #time));
        }
    }
    let first = resolved(first.iter().cloned().collect(), troubles);
    let second = expected(second.iter().cloned().collect(), troubles);
    let mut made = Group::new(Delimiter::Parenthesis, quote!(#first, #second));
    made.set_span(pair.span());
    TokenTree::Group(made).into()
}

fn in_code(duration: Duration, span: Span) -> TokenStream {
    let seconds = duration.as_secs();
    let (call, number) = match duration.subsec_nanos() {
        0 => ("from_secs", Literal::u64_unsuffixed(seconds)),
        nanos if nanos % 1_000_000 == 0 && seconds < 1_000_000_000 => (
            "from_millis",
            Literal::u64_unsuffixed(seconds * 1000 + u64::from(nanos / 1_000_000)),
        ),
        nanos => {
            let (seconds, nanos) = (
                Literal::u64_unsuffixed(seconds),
                Literal::u32_unsuffixed(nanos),
            );
            return quote_spanned!(span=> ::core::time::Duration::new(#seconds, #nanos));
        }
    };
    let call = Ident::new(call, span);
    quote_spanned!(span=> ::core::time::Duration::#call(#number))
}
