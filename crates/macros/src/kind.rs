//! The kinds of nodes.
use crate::facade::Facade;
use proc_macro2::{Ident, Span};

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Supervisor,
    Dynamic,
    Branch,
    Worker,
}

/// The words by which nodes are called.
const WORDS: [(&str, Kind); 5] = [
    ("Supervisor", Kind::Supervisor),
    ("Dynamic", Kind::Dynamic),
    ("DynamicSupervisor", Kind::Dynamic),
    ("Branch", Kind::Branch),
    ("Worker", Kind::Worker),
];

/// The keys of a worker that say what it is made of: each is a constructor.
const BODIES: [&str; 9] = [
    "start",
    "once",
    "thread",
    "blocking",
    "local",
    "future",
    "joining",
    "from_join_handle",
    "of",
];

impl Kind {
    pub(crate) fn of(word: &Ident) -> Option<Self> {
        WORDS
            .iter()
            .find(|(known, _)| word == known)
            .map(|&(_, kind)| kind)
    }

    /// The kind that was meant by a word with one slip in it.
    pub(crate) fn meant_by(word: &Ident) -> Option<(&'static str, Self)> {
        let word = word.to_string();
        WORDS.into_iter().find(|(known, _)| is_slip(&word, known))
    }

    /// The name of the builder.
    pub(crate) fn builder(self) -> &'static str {
        match self {
            Self::Supervisor => "Supervisor",
            Self::Dynamic => "DynamicSupervisor",
            Self::Branch => "Branch",
            Self::Worker => "Worker",
        }
    }

    /// How it is spoken of.
    pub(crate) fn article(self) -> &'static str {
        match self {
            Self::Supervisor => "a `Supervisor`",
            Self::Dynamic => "a `Dynamic` supervisor",
            Self::Branch => "a `Branch`",
            Self::Worker => "a `Worker`",
        }
    }

    pub(crate) fn has_children(self) -> bool {
        self == Self::Supervisor
    }

    /// Whether this key says what a node of the kind is made of.
    pub(crate) fn is_body(self, key: &str) -> bool {
        match self {
            Self::Supervisor | Self::Dynamic => false,
            Self::Branch => key == "start",
            Self::Worker => BODIES.contains(&key),
        }
    }

    /// The constructor that takes the body of this key; `None` when it has no form that notifies.
    pub(crate) fn constructor(self, key: &str, notifies: bool) -> Option<&'static str> {
        match (key, notifies) {
            ("start", false) => Some("new"),
            ("start", true) => Some("with_notify_start"),
            ("thread", true) => Some("thread_with_notify_start"),
            (_, false) => BODIES.into_iter().find(|body| *body == key),
            (_, true) => None,
        }
    }

    /// A body that stands in for one that is missing, so that nothing else is complained about.
    pub(crate) fn stand_in(self, facade: &Facade) -> proc_macro2::TokenStream {
        let context = match self {
            Self::Branch => facade.item("BranchContext", Span::call_site()),
            _ => facade.item("Context", Span::call_site()),
        };
        quote::quote!(|_: #context| async {})
    }
}

/// Whether the words differ by case, by one letter, or by two letters that changed places.
pub(crate) fn is_slip(word: &str, known: &str) -> bool {
    if word == known {
        return false;
    }
    let (word, known) = (word.to_lowercase(), known.to_lowercase());
    let same = word
        .chars()
        .zip(known.chars())
        .take_while(|(a, b)| a == b)
        .count();
    let (word, known): (Vec<char>, Vec<char>) = (
        word.chars().skip(same).collect(),
        known.chars().skip(same).collect(),
    );
    match (word.as_slice(), known.as_slice()) {
        ([], []) => true,
        ([a, b, rest @ ..], [c, d, others @ ..]) if a == d && b == c => rest == others,
        (rest, [_, others @ ..]) if rest == others => true,
        ([_, rest @ ..], others) if rest == others => true,
        ([_, rest @ ..], [_, others @ ..]) => rest == others,
        _ => false,
    }
}
