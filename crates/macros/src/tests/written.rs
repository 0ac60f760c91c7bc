//! A tree that can be written in two ways: in the macro, and by hand.
use std::time::Duration;

/// `Worker { name: "db", start: db::run }`.
pub(crate) struct Node {
    /// The word in the macro.
    pub(crate) kind: &'static str,
    pub(crate) fields: Vec<Field>,
    /// What it takes over.
    pub(crate) base: Option<Code>,
    /// What is called on it.
    pub(crate) tail: Vec<(&'static str, Code)>,
}

pub(crate) enum Field {
    Name(Value),
    /// What it is made of, by this key.
    Body(&'static str, Value),
    Notifies(Flag),
    Setting {
        key: &'static str,
        value: Value,
        condition: Option<bool>,
    },
    /// Without an argument.
    Flag(&'static str, Flag),
    Children(Vec<Child>),
}

pub(crate) enum Value {
    /// The variable that is called like the key.
    Alone,
    Code(Code),
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flag {
    Alone,
    True,
    False,
}

pub(crate) struct Child {
    pub(crate) condition: Option<bool>,
    pub(crate) docs: bool,
    pub(crate) what: What,
}

pub(crate) enum What {
    Node(Node),
    Given(Code),
    Spread(Code),
}

/// Code, in which some things are shorter in the macro.
pub(crate) type Code = Vec<Part>;

pub(crate) enum Part {
    Text(String),
    /// A span, as the macro has it.
    Span(Duration, String),
    /// An enum and its variant, and with which path the macro has it.
    Word(&'static str, &'static str, Path),
}

#[derive(Clone, Copy)]
pub(crate) enum Path {
    None,
    Name,
    Whole,
}

pub(crate) fn text(text: impl Into<String>) -> Part {
    Part::Text(text.into())
}
