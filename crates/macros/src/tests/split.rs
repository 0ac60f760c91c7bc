//! Where lists are cut.
use crate::{
    split::{Of, split},
    troubles::Troubles,
};
use proc_macro2::TokenStream;

/// The pieces of a list, and whether there was something to complain about.
fn cut(list: &str, of: Of) -> (Vec<String>, bool) {
    let tokens: TokenStream = list.parse().expect("it can be read");
    let mut troubles = Troubles::default();
    let pieces = split(tokens, of, &mut troubles);
    let texts = pieces
        .into_iter()
        .map(|piece| piece.into_iter().collect::<TokenStream>().to_string());
    (texts.collect(), !troubles.are_none())
}

fn text(tokens: &str) -> String {
    let tokens: TokenStream = tokens.parse().expect("it can be read");
    tokens.to_string()
}

/// That an expression is not cut, with others on both sides.
fn is_one(expression: &str) {
    let list = format!("a, {expression}, b");
    let (pieces, complains) = cut(&list, Of::Values);
    assert_eq!(pieces, [text("a"), text(expression), text("b")]);
    assert!(!complains, "{expression}");
    let (pieces, complains) = cut(&format!("a: {expression}, b: c"), Of::Fields);
    assert_eq!(pieces.len(), 2, "{pieces:?}");
    assert!(!complains, "{expression}");
}

#[test]
fn expressions_stay_whole() {
    for expression in [
        "|a, b| a + b",
        "move |a: u8, (b, c): (u8, u8)| a",
        "|a, b| |c, d| a",
        "|a, b| move |c, d| a",
        "|| || a",
        "async move |a, b| a",
        "|ctx| -> Result<(), Error> { Ok(()) }",
        "|ctx| -> Box<dyn Fn(A) -> Result<B, C>> { f }",
        "|ctx| -> <T as Trait<A, B>>::Out { f }",
        "|ctx| -> <Pair<A, B>>::Out { f }",
        "|map: HashMap<A, B>, f: fn(A) -> B| f",
        "run::<A, B>",
        "run::<A, B>(c, d).then::<E, F>()",
        "run::<{ 1 + 1 }, -1>",
        "<T as Trait<A, B>>::run",
        "&<T as Trait<A, B>>::RUN",
        "!<T as Trait<A, B>>::RUN",
        "return <T as Trait<A, B>>::run()",
        "return <Pair<A, B>>::run()",
        "if <Pair<A, B>>::YES { a } else { b }",
        "run as fn(A, B) -> HashMap<A, B>",
        "run as for<'a, 'b> fn(&'a A, &'b B)",
        "map as std::collections::HashMap<A, B>",
        "Vec::<HashMap<A, B>>::new()",
        "HashMap::<A, fn(A) -> B>::new()",
        "first < second",
        "first > second",
        "first << 2 | second",
        "first | second",
        "first || second",
        "if first { second } else { third }",
        "if let Some(a) = b { c } else { d }",
        "match a { b | c => d, e => f }",
        "unsafe { a }",
        "'outer: loop { break 'outer 5 }",
        "&raw const a",
        "x as u64",
        "a.0.1",
        "vec![a, b; c]",
        "&mut a",
        "&'static str",
        "Some(a)?",
        "0..=5",
        "..",
    ] {
        is_one(expression);
    }
}

#[test]
fn a_comparison_does_not_swallow_a_comma() {
    let list = "a: first < second, b: third > fourth, c";
    let (pieces, complains) = cut(list, Of::Fields);
    assert_eq!(pieces.len(), 3, "{pieces:?}");
    assert!(!complains);
}

#[test]
fn a_duration_in_words_stays_together() {
    for list in ["a: 5 s, b: c", "a: 1m 30s, b: c", "a: 1 m 30 s, b: c"] {
        let (pieces, complains) = cut(list, Of::Fields);
        assert_eq!(pieces.len(), 2, "{list}: {pieces:?}");
        assert!(!complains, "{list}");
    }
    assert_eq!(cut("3, 5 s", Of::Values).0.len(), 2);
    let (pieces, complains) = cut("a: 5 b: c", Of::Fields);
    assert_eq!(pieces.len(), 2, "{pieces:?}");
    assert!(complains);
}

#[test]
fn attributes_belong_to_what_they_stand_before() {
    let (pieces, complains) = cut("#[cfg(a, b)] name: c, #[doc = \"d\"] e", Of::Fields);
    assert_eq!(pieces.len(), 2, "{pieces:?}");
    assert!(!complains);
}

#[test]
fn what_is_missing_is_complained_about_and_the_list_goes_on() {
    for (list, of, pieces) in [
        ("a: b c: d", Of::Fields, 2),
        ("a: \"b\" c: d", Of::Fields, 2),
        ("a c: d", Of::Fields, 2),
        ("a: b c, d: e", Of::Fields, 3),
        ("a: b; c: d", Of::Fields, 2),
        ("a: b, , c: d", Of::Fields, 2),
        ("A { b } C { d }", Of::Values, 2),
        ("a b", Of::Values, 2),
        ("a(b) \"c\"", Of::Values, 2),
    ] {
        let (cut, complains) = cut(list, of);
        assert_eq!(cut.len(), pieces, "{list}: {cut:?}");
        assert!(complains, "{list}");
    }
}

#[test]
fn a_colon_that_is_missing_is_no_comma_that_is_missing() {
    for list in [
        "a \"b\", c: d",
        "a b, c: d",
        "#[cfg(e)] a b, c: d",
        "c: d, a b",
    ] {
        let (pieces, complains) = cut(list, Of::Fields);
        assert_eq!(pieces.len(), 2, "{list}: {pieces:?}");
        assert!(!complains, "{list}");
    }
}
