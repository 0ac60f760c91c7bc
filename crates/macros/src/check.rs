//! What can be known to be wrong while the program is compiled.
//!
//! Only what is written out is judged: a name, a number or a variant that an expression makes is left to the
//! builder, which refuses what is wrong when the tree is started. What a builder accepts is accepted here.
use crate::{
    kind::Kind,
    limits,
    node::{Field, Node, Value, What, place},
    setting,
    troubles::Troubles,
};
use proc_macro2::{Ident, TokenStream, TokenTree};
use regrow_core::Name;
use std::collections::HashMap;
use syn::{Lit, LitStr};

/// Looks at a root and all below it.
pub(crate) fn tree(root: &Node, troubles: &mut Troubles) {
    if let Some(name) = root.name() {
        self::name(&name, troubles);
    }
    node(root, troubles);
}

fn node(node: &Node, troubles: &mut Troubles) {
    fields(node, troubles);
    has_name(node, troubles);
    has_body(node, troubles);
    significant(node, troubles);
    limits::check(node, troubles);
    siblings(node, troubles);
    for child in node.children() {
        if let What::Node(below) = &child.what {
            ends_its_supervisor(below, node, troubles);
            self::node(below, troubles);
        }
    }
}

/// Each key once, except for those that add something.
pub(crate) fn once_each(fields: &[Field], troubles: &mut Troubles) {
    let mut known: Vec<&Ident> = Vec::new();
    for Field { key, marks, .. } in fields {
        let is_conditional = !marks.conditions.is_empty();
        if known.contains(&key) && !setting::adds(&key.to_string()) && !is_conditional {
            troubles.say(key.span(), format_args!("`{key}` is given twice: keep one"));
        }
        known.push(key);
    }
}

/// None that a node of the kind has no use for, and none that depends on a condition and must not.
fn fields(node: &Node, troubles: &mut Troubles) {
    once_each(&node.fields, troubles);
    for field in &node.fields {
        let key = &field.key;
        let is_conditional = !field.marks.conditions.is_empty();
        if is_conditional
            && (key == "name" || node.kind.is_body(&key.to_string()) || key == "children")
        {
            troubles.say(
                key.span(),
                format_args!(
                    "`{key}` is always there: put `#[cfg(…)]` on a setting, or on a child"
                ),
            );
        }
        useless(node, key, troubles);
    }
}

fn useless(node: &Node, key: &Ident, troubles: &mut Troubles) {
    let word = key.to_string();
    let kind = node.kind;
    let why = match (&*word, kind) {
        ("children", Kind::Worker) => "it is a leaf; children belong to a `Supervisor`",
        ("children", Kind::Dynamic) => {
            "it begins without any; start them while it runs, with `DynamicRef::start_child`"
        }
        ("children", Kind::Branch) => "its body starts them, with `BranchContext::run`",
        ("notify_start", Kind::Supervisor | Kind::Dynamic) => "it is up when its children are",
        (_, Kind::Supervisor) if Kind::Worker.is_body(&word) => {
            "it runs nothing itself; put a `Worker` among its `children`"
        }
        (_, Kind::Dynamic) if Kind::Worker.is_body(&word) => {
            "it runs nothing itself; start children while it runs, with `DynamicRef::start_child`"
        }
        _ => return,
    };
    troubles.say(
        key.span(),
        format_args!("{} has no `{key}`: {why}", kind.article()),
    );
}

fn has_name(node: &Node, troubles: &mut Troubles) {
    let is_component = node.field("of").is_some();
    match node.field("name") {
        Some(field) if is_wrong_name(field) => {
            let tokens = field.value.tokens();
            let text: TokenStream = tokens.iter().cloned().collect();
            troubles.say(
                place(tokens),
                format_args!("a name is text: write `name: {:?}`", text.to_string()),
            );
        }
        None if !is_component && node.is_whole && node.base.is_none() => {
            let example = match node.kind {
                Kind::Supervisor => "web",
                Kind::Dynamic => "connections",
                Kind::Branch => "session",
                Kind::Worker => "db",
            };
            troubles.say(
                node.head.span(),
                format_args!(
                    "{} has no name: give it one, such as `name: \"{example}\"`",
                    node.kind.article()
                ),
            );
        }
        _ => {}
    }
}

/// Whether the field is a name, and a literal that is no text.
pub(crate) fn is_wrong_name(field: &Field) -> bool {
    let [TokenTree::Literal(literal)] = field.value.tokens() else {
        return false;
    };
    field.key == "name" && !matches!(Lit::new(literal.clone()), Lit::Str(_) | Lit::Char(_))
}

/// Looks at a text that is to be a name.
pub(crate) fn name(name: &LitStr, troubles: &mut Troubles) {
    if let Err(why) = Name::new(name.value()) {
        troubles.say(name.span(), why);
    }
}

fn has_body(node: &Node, troubles: &mut Troubles) {
    let bodies = || {
        node.fields
            .iter()
            .filter(|field| node.kind.is_body(&field.key.to_string()))
    };
    if let Some(second) =
        bodies().find(|field| node.body().is_some_and(|first| first.key != field.key))
    {
        let first = node.body().map(|field| &field.key);
        troubles.say(
            second.key.span(),
            format_args!(
                "`{}` and `{}` each say what runs: keep one",
                first.unwrap_or(&second.key),
                second.key
            ),
        );
    }
    let is_constructor =
        |field: &&Field| node.kind.is_body(&field.key.to_string()) || field.key == "notify_start";
    if node.base.is_some() {
        for Field { key, .. } in node.fields.iter().filter(is_constructor) {
            troubles.say(
                key.span(),
                format_args!("what `..` gives runs already: remove `{key}`, or `..`"),
            );
        }
    } else if bodies().next().is_none()
        && node.is_whole
        && matches!(node.kind, Kind::Worker | Kind::Branch)
    {
        let name = node
            .name()
            .map_or_else(String::new, |name| format!(" {:?}", name.value()));
        troubles.say(
            node.head.span(),
            format_args!(
                "{}{name} has no `start`: give it the function that it runs, such as `start: run` or `start: |ctx| async move {{ … }}`",
                node.kind.article()
            ),
        );
    }
}

/// Names are unique among siblings. Of those that depend on a condition nobody knows which are there.
fn siblings(parent: &Node, troubles: &mut Troubles) {
    let mut first = HashMap::new();
    for child in parent.children() {
        let Some(name) = child.name() else { continue };
        self::name(&name, troubles);
        if !child.marks.conditions.is_empty() {
            continue;
        }
        if let Some(first) = first.insert(name.value(), name.clone()) {
            let of = parent.name().map_or_else(
                || "one supervisor".to_owned(),
                |name| format!("{:?}", name.value()),
            );
            troubles.say(
                name.span(),
                format_args!(
                    "two children of {of} are named {:?}: give one another name, which is unique among siblings",
                    name.value()
                ),
            );
            troubles.say(first.span(), "the other one is here");
        }
    }
}

/// What is permanent is always started again, so that its end says nothing.
fn significant(node: &Node, troubles: &mut Troubles) {
    if !is_significant(node) {
        return;
    }
    let is_temporary = node.body().is_some_and(|field| {
        ["once", "future", "from_join_handle"].contains(&&*field.key.to_string())
    });
    let is_permanent = match node.field("restart") {
        None => !is_temporary && node.base.is_none(),
        Some(restart) => restart.value.word().is_some_and(|word| word == "Permanent"),
    };
    if is_permanent {
        troubles.say(
            key(node, "significant").span(),
            "it is significant and permanent, so it never ends for good: add `restart: Transient` or `restart: Temporary`",
        );
    }
}

fn ends_its_supervisor(child: &Node, parent: &Node, troubles: &mut Troubles) {
    let never = match parent.field("auto_shutdown") {
        None => parent.tail.is_empty() && parent.base.is_none(),
        Some(given) => given.value.word().is_some_and(|word| word == "Never"),
    };
    if is_significant(child) && never {
        let of = parent
            .name()
            .map_or_else(String::new, |name| format!(" {:?}", name.value()));
        troubles.say(
            key(child, "significant").span(),
            format_args!(
                "it is significant, and its supervisor{of} never shuts itself down: add `auto_shutdown: AnySignificant` there"
            ),
        );
    }
}

/// Whether it surely is: what is called behind the braces may say otherwise.
fn is_significant(node: &Node) -> bool {
    let field = node.field("significant");
    field.is_some_and(|field| field.value.flag() == Some(true)) && node.tail.is_empty()
}

fn key<'a>(node: &'a Node, key: &str) -> &'a Ident {
    node.field(key).map_or(&node.head, |field| &field.key)
}

/// That a field which takes no more than `true` or `false` has no more.
pub(crate) fn flag(value: &Value, key: &Ident, troubles: &mut Troubles) -> bool {
    value.flag().unwrap_or_else(|| {
        troubles.say(
            key.span(),
            format_args!(
                "`{key}` is `true` or `false`, or stands alone: it says which constructor is called"
            ),
        );
        false
    })
}
