//! From nodes to calls of builders.
use crate::{
    check, duration,
    facade::Facade,
    kind::Kind,
    node::{Child, Field, Node, Value, What},
    setting,
    troubles::Troubles,
};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};

/// The builder of a node, with all that is below it.
pub(crate) fn node(node: &Node, facade: &Facade, troubles: &mut Troubles) -> TokenStream {
    let mut built = constructed(node, facade, troubles);
    for field in &node.fields {
        if let Value::Children(children) = &field.value {
            for child in children {
                let call = self::child(child, &field.key, facade, troubles);
                built = called(built, call, &child.marks.conditions);
            }
        } else if !is_taken(node, field) {
            let call = setting::call(field, facade, troubles);
            built = called(built, call, &field.marks.conditions);
        }
    }
    built.extend(duration::resolved(
        node.tail.iter().cloned().collect(),
        troubles,
    ));
    built
}

/// What the constructor takes, or what is refused.
fn is_taken(node: &Node, field: &Field) -> bool {
    let key = field.key.to_string();
    key == "name"
        || key == "notify_start"
        || Kind::Worker.is_body(&key) && node.kind != Kind::Branch
        || node.kind.is_body(&key)
        || key == "children" && !node.kind.has_children()
}

fn constructed(node: &Node, facade: &Facade, troubles: &mut Troubles) -> TokenStream {
    let (builder, head) = (node.kind.builder(), node.head.span());
    let name = node.field("name").and_then(|field| given(field, troubles));
    if let Some(base) = &node.base {
        let base = duration::resolved(base.iter().cloned().collect(), troubles);
        let named = name.map(|name| quote!(.named(#name)));
        let builder = facade.item(builder, head);
        let taken = format_ident!("base", span = Span::mixed_site());
        return quote!(({ let #taken: #builder = #base; #taken }) #named);
    }
    let notifies = node
        .field("notify_start")
        .is_some_and(|field| check::flag(&field.value, &field.key, troubles));
    if !matches!(node.kind, Kind::Worker | Kind::Branch) {
        let new = facade.function(builder, head, "new", head);
        let name = name.unwrap_or_else(|| quote!(""));
        return quote!(#new(#name));
    }
    let body = node
        .body()
        .and_then(|field| Some((&field.key, given(field, troubles)?)));
    let Some((key, body)) = body else {
        let new = facade.function(builder, head, "new", head);
        let (name, body) = (
            name.unwrap_or_else(|| quote!("")),
            node.kind.stand_in(facade),
        );
        return quote!(#new(#name, #body));
    };
    let word = key.to_string();
    let constructor = node.kind.constructor(&word, notifies).or_else(|| {
        troubles.say(
            key.span(),
            format_args!(
                "one that is made with `{key}` cannot notify its start: use `start` or `thread`, or remove `notify_start`"
            ),
        );
        node.kind.constructor(&word, false)
    });
    let constructor = facade.function(builder, head, constructor.unwrap_or("new"), key.span());
    if word == "of" {
        let named = name.map(|name| quote!(.named(#name)));
        return quote!(#constructor(#body) #named);
    }
    let name = name.unwrap_or_else(|| quote!(""));
    quote!(#constructor(#name, #body))
}

/// The value of a field that a constructor takes; `None` when there is none that it could.
fn given(field: &Field, troubles: &mut Troubles) -> Option<TokenStream> {
    match &field.value {
        Value::Alone => {
            let key = &field.key;
            Some(quote!(#key))
        }
        Value::Tokens(tokens) if !check::is_wrong_name(field) => Some(duration::resolved(
            tokens.iter().cloned().collect(),
            troubles,
        )),
        _ => None,
    }
}

/// The call that adds a child. What rustc has to say of it shows at the key of the list.
fn child(child: &Child, key: &Ident, facade: &Facade, troubles: &mut Troubles) -> TokenStream {
    let one = Ident::new("child", key.span());
    let many = Ident::new("children", key.span());
    match &child.what {
        What::Node(below) => {
            let below = node(below, facade, troubles);
            quote!(.#one(#below))
        }
        What::Given(tokens) => {
            let given = duration::resolved(tokens.iter().cloned().collect(), troubles);
            quote!(.#one(#given))
        }
        What::Spread(tokens) => {
            let spread = duration::resolved(tokens.iter().cloned().collect(), troubles);
            quote!(.#many(#spread))
        }
    }
}

/// `built` with a call on it, or without where a condition does not hold. What is built already is not copied.
fn called(mut built: TokenStream, call: TokenStream, conditions: &TokenStream) -> TokenStream {
    if conditions.is_empty() {
        built.extend(call);
        return built;
    }
    let node = format_ident!("node", span = Span::mixed_site());
    quote_spanned! {Span::mixed_site()=>
        ({
            let #node = #built;
            #conditions
            let #node = #node #call;
            #node
        })
    }
}
