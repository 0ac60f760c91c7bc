//! From tokens to nodes. What cannot be read is a trouble, and the rest is read all the same.
use crate::{
    kind::Kind,
    node::{Child, Field, Marks, Node, Value, What},
    setting,
    split::{Of, inside, is, is_colon, is_dots, is_joint, is_separator, split},
    troubles::Troubles,
};
use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};

/// What stands between a key and its value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Between {
    /// In a node.
    Colon,
    /// In an attribute.
    Equals,
}

const LIST: &str = "children are a list: write `children: [ … ]`";

impl Between {
    fn mark(self) -> char {
        match self {
            Self::Colon => ':',
            Self::Equals => '=',
        }
    }

    /// How a field is written.
    fn field(self, key: &Ident) -> String {
        match self {
            Self::Colon => format!("`{key}: …`"),
            Self::Equals => format!("`{key} = …`"),
        }
    }
}

/// The node that the tokens are, with what is called on it.
pub(crate) fn node(tokens: &[TokenTree], troubles: &mut Troubles) -> Option<Node> {
    let (head, rest) = head(tokens)?;
    let (braces, tail) = rest.split_first()?;
    let fields = inside(braces, Delimiter::Brace)?;
    if tail.first().is_some_and(|token| !is(token, '.')) {
        return None;
    }
    let kind = match Kind::of(head) {
        Some(kind) => kind,
        None => {
            let (word, kind) = Kind::meant_by(head)?;
            troubles.say(
                head.span(),
                format_args!("there is no `{head}`: `{word}` is meant, perhaps"),
            );
            kind
        }
    };
    let mut pieces = without_bare_times(split(fields, Of::Fields, troubles));
    let written = pieces.len();
    let base = base(&mut pieces, troubles);
    let mut fields: Vec<Field> = pieces
        .iter()
        .filter_map(|piece| field(piece, Between::Colon, troubles))
        .collect();
    let is_whole = fields.len() + usize::from(base.is_some()) == written;
    for field in &mut fields {
        if field.key == "children" {
            list_children(field, kind, troubles);
        }
    }
    Some(Node {
        kind,
        head: head.clone(),
        fields,
        base,
        is_whole,
        tail: tail.to_vec(),
    })
}

/// Drops the `5s` of `tolerance: 3, 5s`: that the pair has no parentheses is told at its number.
fn without_bare_times(mut pieces: Vec<Vec<TokenTree>>) -> Vec<Vec<TokenTree>> {
    let is_number = |piece: &[TokenTree]| match piece {
        [TokenTree::Ident(key), _, TokenTree::Literal(_)] => setting::is_tolerance(key),
        _ => false,
    };
    let mut before_is_number = false;
    pieces.retain(|piece| {
        let is_bare = before_is_number && matches!(piece.as_slice(), [TokenTree::Literal(_)]);
        before_is_number = is_number(piece);
        !is_bare
    });
    pieces
}

/// What a node takes over: the last of its pieces, when that begins with `..`.
fn base(pieces: &mut Vec<Vec<TokenTree>>, troubles: &mut Troubles) -> Option<Vec<TokenTree>> {
    let at = pieces
        .len()
        .checked_sub(1)
        .filter(|&last| is_dots(&pieces[last], 0))?;
    let last = pieces.remove(at);
    if last.len() > 2 {
        return Some(last[2..].to_vec());
    }
    troubles.say_of(
        &last,
        "`..` is followed by what the node takes over, as in `Worker { name: \"db\", ..patient(db::run) }`",
    );
    None
}

/// What stands behind the braces of what could be a node, were it not for that.
pub(crate) fn behind_node(tokens: &[TokenTree]) -> &[TokenTree] {
    match head(tokens) {
        Some((_, [braces, rest @ ..])) if inside(braces, Delimiter::Brace).is_some() => rest,
        _ => &[],
    }
}

/// Where the last node among the tokens begins, at their own level; what is before it are statements.
pub(crate) fn last_node(tokens: &[TokenTree]) -> usize {
    let is_node = |pair: &[TokenTree]| match pair {
        [TokenTree::Ident(word), braces] => {
            let known = Kind::of(word).or_else(|| Kind::meant_by(word).map(|(_, kind)| kind));
            known.is_some() && inside(braces, Delimiter::Brace).is_some()
        }
        _ => false,
    };
    let begin = tokens.windows(2).rposition(is_node).unwrap_or(0);
    let path = begin.saturating_sub(3);
    match head(&tokens[path..]) {
        Some((word, _)) if begin == path + 3 && *word == tokens[begin].to_string() => path,
        _ => begin,
    }
}

/// The word that a node begins with, alone or behind `regrow::`.
fn head(tokens: &[TokenTree]) -> Option<(&Ident, &[TokenTree])> {
    match tokens {
        [
            TokenTree::Ident(path),
            colon,
            other,
            TokenTree::Ident(head),
            rest @ ..,
        ] if path == "regrow" && is_joint(colon, ':') && is(other, ':') => Some((head, rest)),
        [TokenTree::Ident(head), rest @ ..] => Some((head, rest)),
        _ => None,
    }
}

/// The settings in the parentheses of an attribute.
pub(crate) fn settings(tokens: TokenStream, troubles: &mut Troubles) -> Vec<Field> {
    without_bare_times(split(tokens, Of::Fields, troubles))
        .iter()
        .filter_map(|piece| field(piece, Between::Equals, troubles))
        .collect()
}

fn field(piece: &[TokenTree], between: Between, troubles: &mut Troubles) -> Option<Field> {
    let (marks, piece) = marks(piece, troubles);
    if is_dots(piece, 0) {
        let what = match between {
            Between::Colon => "what a node takes over stands at its end, once",
            Between::Equals => "there is nothing that an attribute could take over",
        };
        troubles.say_of(piece, what);
        return None;
    }
    let Some(TokenTree::Ident(key)) = piece.first() else {
        let (say, like) = match between {
            Between::Colon => ("a field", "`name: \"db\"`"),
            Between::Equals => ("a setting", "`restart = Transient`"),
        };
        troubles.say_of(piece, format_args!("expected {say}, such as {like}"));
        return None;
    };
    let value = match &piece[1..] {
        [] => Value::Alone,
        [_, rest @ ..] if separator(piece) == Some(between.mark()) => {
            plain(rest, key, between, troubles)
        }
        [mark, rest @ ..] if separator(piece).is_some() => {
            troubles.say(mark.span(), format_args!("write {}", between.field(key)));
            plain(rest, key, between, troubles)
        }
        [group] if inside(group, Delimiter::Parenthesis).is_some() => {
            troubles.say(group.span(), format_args!("write {}", between.field(key)));
            let arguments = inside(group, Delimiter::Parenthesis)?;
            plain(
                &arguments.into_iter().collect::<Vec<_>>(),
                key,
                between,
                troubles,
            )
        }
        rest => {
            troubles.say_of(rest, format_args!("write {}", between.field(key)));
            return None;
        }
    };
    Some(Field {
        marks,
        key: key.clone(),
        value,
    })
}

/// The mark behind the key, if it is one that can stand before a value.
fn separator(piece: &[TokenTree]) -> Option<char> {
    let between = if is_colon(piece, 1) { ':' } else { '=' };
    is_separator(piece, 1).then_some(between)
}

fn plain(tokens: &[TokenTree], key: &Ident, between: Between, troubles: &mut Troubles) -> Value {
    if tokens.is_empty() {
        troubles.say(
            key.span(),
            format_args!("`{key}` has no value: write {}", between.field(key)),
        );
        return Value::Missing;
    }
    Value::Tokens(tokens.to_vec())
}

/// Reads the value of `children`, if it is a list; what is none must be an expression that is many.
fn list_children(field: &mut Field, kind: Kind, troubles: &mut Troubles) {
    if !kind.has_children() {
        return;
    }
    let Value::Tokens(tokens) = &field.value else {
        return;
    };
    match tokens.as_slice() {
        [TokenTree::Group(list)]
            if list.delimiter() == Delimiter::Bracket || begins_with_node(list) =>
        {
            if list.delimiter() != Delimiter::Bracket {
                troubles.say(list.span_open(), LIST);
            }
            field.value = Value::Children(children(list.stream(), troubles));
            return;
        }
        [TokenTree::Literal(one)] => {
            troubles.say(one.span(), LIST);
            field.value = Value::Children(Vec::new());
            return;
        }
        _ => {}
    }
    if let Some(node) = node(tokens, troubles) {
        troubles.say(node.head.span(), LIST);
        field.value = Value::Children(vec![Child {
            marks: Marks::default(),
            what: What::Node(node),
        }]);
    }
}

fn begins_with_node(list: &Group) -> bool {
    let begin: Vec<TokenTree> = list.stream().into_iter().take(2).collect();
    match begin.as_slice() {
        [TokenTree::Ident(word), braces] => {
            Kind::of(word).is_some() && inside(braces, Delimiter::Brace).is_some()
        }
        _ => false,
    }
}

fn children(list: TokenStream, troubles: &mut Troubles) -> Vec<Child> {
    split(list, Of::Values, troubles)
        .iter()
        .filter_map(|piece| child(piece, troubles))
        .collect()
}

fn child(piece: &[TokenTree], troubles: &mut Troubles) -> Option<Child> {
    let (marks, piece) = marks(piece, troubles);
    let what = if is_dots(piece, 0) {
        let rest = &piece[2..];
        if matches!(rest, [] | [TokenTree::Literal(_)]) {
            troubles.say_of(
                piece,
                "`..` is followed by an expression that is many children: `..shards()`",
            );
            return None;
        }
        What::Spread(rest.to_vec())
    } else if let Some(node) = node(piece, troubles) {
        What::Node(node)
    } else if piece.is_empty() {
        return None;
    } else if let Some(kind) = called(piece) {
        troubles.say_of(
            piece,
            format_args!(
                "{} is written with braces: `{} {{ name: … }}`",
                kind.article(),
                piece[0]
            ),
        );
        return None;
    } else {
        What::Given(piece.to_vec())
    };
    Some(Child { marks, what })
}

/// The kind in `Worker("db", run)`, which is no call: there is no such function.
fn called(piece: &[TokenTree]) -> Option<Kind> {
    match piece {
        [TokenTree::Ident(word), arguments] => {
            inside(arguments, Delimiter::Parenthesis).and_then(|_| Kind::of(word))
        }
        _ => None,
    }
}

/// The attributes that a piece begins with, and the rest of it.
fn marks<'a>(mut piece: &'a [TokenTree], troubles: &mut Troubles) -> (Marks, &'a [TokenTree]) {
    let mut marks = Marks::default();
    while let [hash, group, rest @ ..] = piece {
        let (true, Some(attribute)) = (is(hash, '#'), inside(group, Delimiter::Bracket)) else {
            break;
        };
        let mark: TokenStream = [hash.clone(), group.clone()].into_iter().collect();
        match attribute.into_iter().next() {
            Some(TokenTree::Ident(word)) if word == "cfg" => marks.conditions.extend(mark),
            Some(TokenTree::Ident(word)) if word == "doc" => marks.docs.extend(mark),
            _ => troubles.say(
                group.span(),
                "only `#[cfg(…)]` and docs can stand here: remove this",
            ),
        }
        piece = rest;
    }
    (marks, piece)
}
