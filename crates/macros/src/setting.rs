//! A field as the call of a builder's method.
use crate::{
    duration,
    facade::Facade,
    kind,
    node::{Field, Value},
    troubles::Troubles,
};
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};

/// Methods without an argument: they stand alone, or are `true` or `false`.
const FLAGS: [&str; 4] = [
    "significant",
    "report_all",
    "allow_panic_abort",
    "no_start_timeout",
];

/// Keys whose value is a duration, or can be one.
const DURATIONS: [&str; 6] = [
    "shutdown",
    "body_shutdown",
    "start_timeout",
    "kill_wait",
    "drain",
    "stop_within",
];

/// Keys whose value can be a number and a duration.
const TOLERANCES: [&str; 2] = ["tolerance", "own_tolerance"];

/// Keys that may be given more than once, because each adds something.
const ADDING: [&str; 3] = ["provide", "listener", "children"];

/// The enums whose variants can be written without their name.
const WORDS: [(&str, &str); 9] = [
    ("strategy", "Strategy"),
    ("restart", "Restart"),
    ("auto_shutdown", "AutoShutdown"),
    ("start_order", "StartOrder"),
    ("on_abandoned", "OnAbandoned"),
    ("shutdown", "Shutdown"),
    ("body_shutdown", "Shutdown"),
    ("tolerance", "AtLimit"),
    ("own_tolerance", "AtLimit"),
];

pub(crate) fn is_tolerance(key: &Ident) -> bool {
    TOLERANCES.iter().any(|known| key == known)
}

pub(crate) fn adds(key: &str) -> bool {
    ADDING.contains(&key)
}

/// The field as a call: `.key(value)`, with the key's own place. Any key is forwarded, so that rustc knows best
/// which methods there are.
pub(crate) fn call(field: &Field, facade: &Facade, troubles: &mut Troubles) -> TokenStream {
    let key = &field.key;
    let word = key.to_string();
    if FLAGS.contains(&&*word) {
        return match field.value.flag() {
            Some(true) => quote!(.#key()),
            Some(false) => TokenStream::new(),
            None => {
                troubles.say(
                    key.span(),
                    format_args!("`{key}` is `true` or `false`, or stands alone"),
                );
                TokenStream::new()
            }
        };
    }
    match &field.value {
        // As in any struct literal: the variable of that name.
        Value::Alone => quote!(.#key(#key)),
        Value::Tokens(tokens) => {
            let value = value(&word, tokens, facade, troubles);
            quote!(.#key(#value))
        }
        Value::Missing | Value::Children(_) => TokenStream::new(),
    }
}

/// A value as the method of its key takes it.
fn value(key: &str, tokens: &[TokenTree], facade: &Facade, troubles: &mut Troubles) -> TokenStream {
    let stream: TokenStream = tokens.iter().cloned().collect();
    let made = if DURATIONS.contains(&key) {
        duration::expected(stream, troubles)
    } else if TOLERANCES.contains(&key) {
        duration::expected_second(stream, troubles)
    } else {
        duration::resolved(stream, troubles)
    };
    let has_words = tokens
        .iter()
        .any(|token| matches!(token, TokenTree::Ident(_)));
    // A slip in the key is for rustc to tell; the words behind it are known all the same.
    let of = |known: &str| known == key || kind::is_slip(key, known);
    match WORDS.iter().find(|(known, _)| of(known)) {
        Some((_, name)) if has_words => {
            let path = facade.item(name, Span::call_site());
            let import =
                quote_spanned!(Span::mixed_site()=> #[allow(unused_imports)] use #path::*;);
            quote!({ #import #made })
        }
        _ => made,
    }
}
