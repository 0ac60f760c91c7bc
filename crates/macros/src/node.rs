//! What a tree is made of, as it was written.
use crate::kind::Kind;
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use syn::LitStr;

/// `Worker { name: "db", start: db::run }`.
pub(crate) struct Node {
    pub(crate) kind: Kind,
    /// The word that it begins with.
    pub(crate) head: Ident,
    pub(crate) fields: Vec<Field>,
    /// What it takes over, behind `..`.
    pub(crate) base: Option<Vec<TokenTree>>,
    /// Whether all that is in its braces could be read.
    pub(crate) is_whole: bool,
    /// What is called on it behind its braces.
    pub(crate) tail: Vec<TokenTree>,
}

/// `key: value`.
pub(crate) struct Field {
    pub(crate) marks: Marks,
    pub(crate) key: Ident,
    pub(crate) value: Value,
}

pub(crate) enum Value {
    /// The key stands alone.
    Alone,
    /// There is a `:` and nothing behind it.
    Missing,
    Tokens(Vec<TokenTree>),
    Children(Vec<Child>),
}

/// One in a list of children.
pub(crate) struct Child {
    pub(crate) marks: Marks,
    pub(crate) what: What,
}

pub(crate) enum What {
    Node(Node),
    /// Any expression that is a child.
    Given(Vec<TokenTree>),
    /// `..` and an expression that is many.
    Spread(Vec<TokenTree>),
}

/// What stands before a field or a child: conditions, and docs.
#[derive(Clone, Default)]
pub(crate) struct Marks {
    pub(crate) conditions: TokenStream,
    pub(crate) docs: TokenStream,
}

impl Node {
    pub(crate) fn field(&self, key: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.key == key)
    }

    /// The field that says what it is made of.
    pub(crate) fn body(&self) -> Option<&Field> {
        self.fields
            .iter()
            .find(|field| self.kind.is_body(&field.key.to_string()))
    }

    /// Its children, as far as they were listed.
    pub(crate) fn children(&self) -> impl Iterator<Item = &Child> {
        let lists = self.fields.iter().filter_map(|field| match &field.value {
            Value::Children(children) => Some(children),
            _ => None,
        });
        lists.flatten()
    }

    /// Its name, if that can be read.
    pub(crate) fn name(&self) -> Option<LitStr> {
        text(self.field("name")?.value.tokens())
    }
}

impl Value {
    /// The tokens of a plain value.
    pub(crate) fn tokens(&self) -> &[TokenTree] {
        match self {
            Self::Tokens(tokens) => tokens,
            _ => &[],
        }
    }

    /// The last word of the value: `Transient` of `Restart::Transient`.
    pub(crate) fn word(&self) -> Option<&Ident> {
        match self.tokens().last() {
            Some(TokenTree::Ident(word)) => Some(word),
            _ => None,
        }
    }

    /// Whether it is true by itself, or false; `None` when it is neither.
    pub(crate) fn flag(&self) -> Option<bool> {
        match self {
            Self::Alone => Some(true),
            Self::Tokens(tokens) => match tokens.as_slice() {
                [TokenTree::Ident(word)] if word == "true" => Some(true),
                [TokenTree::Ident(word)] if word == "false" => Some(false),
                _ => None,
            },
            _ => None,
        }
    }
}

impl Child {
    /// Its name, if that can be read: of a node, or of `Worker::new("db", …)`, with what is called on them.
    pub(crate) fn name(&self) -> Option<LitStr> {
        match &self.what {
            What::Node(node) => renamed(&node.tail, node.name()),
            What::Given(tokens) => constructed(tokens),
            What::Spread(_) => None,
        }
    }

    pub(crate) fn kind(&self) -> Option<Kind> {
        match &self.what {
            What::Node(node) => Some(node.kind),
            What::Given(tokens) => match tokens.first() {
                Some(TokenTree::Ident(word)) => Kind::of(word),
                _ => None,
            },
            What::Spread(_) => None,
        }
    }
}

/// The name in `Worker::new("db", …)`.
fn constructed(tokens: &[TokenTree]) -> Option<LitStr> {
    let [
        TokenTree::Ident(word),
        colon,
        _,
        TokenTree::Ident(_),
        TokenTree::Group(arguments),
        tail @ ..,
    ] = tokens
    else {
        return None;
    };
    Kind::of(word)?;
    let is_path = matches!(colon, TokenTree::Punct(mark) if mark.as_char() == ':');
    let first: Vec<TokenTree> = arguments.stream().into_iter().take(2).collect();
    let name = match first.as_slice() {
        [name] => name,
        [name, TokenTree::Punct(comma)] if comma.as_char() == ',' => name,
        _ => return None,
    };
    let name = text(std::slice::from_ref(name));
    is_path.then(|| renamed(tail, name)).flatten()
}

/// The name after what is called: `.named("spare")` gives another one.
fn renamed(calls: &[TokenTree], name: Option<LitStr>) -> Option<LitStr> {
    let is_named = |token: &TokenTree| matches!(token, TokenTree::Ident(word) if word == "named");
    let Some(last) = calls.iter().rposition(is_named) else {
        return name;
    };
    match calls.get(last + 1) {
        Some(TokenTree::Group(given)) => text(&given.stream().into_iter().collect::<Vec<_>>()),
        _ => None,
    }
}

/// The text, if the tokens are one.
pub(crate) fn text(tokens: &[TokenTree]) -> Option<LitStr> {
    let [TokenTree::Literal(literal)] = tokens else {
        return None;
    };
    match syn::Lit::new(literal.clone()) {
        syn::Lit::Str(text) => Some(text),
        _ => None,
    }
}

/// The place of the tokens, or of their first where that cannot be said.
pub(crate) fn place(tokens: &[TokenTree]) -> Span {
    let mut spans = tokens.iter().map(TokenTree::span);
    let first = spans.next().unwrap_or_else(Span::call_site);
    spans
        .next_back()
        .and_then(|last| first.join(last))
        .unwrap_or(first)
}
