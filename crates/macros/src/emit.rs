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
                let call = self::child(child, facade, troubles);
                built = called(&built, &call, &child.marks.conditions);
            }
        } else if !is_taken(node, field) {
            let call = setting::call(field, facade, troubles);
            built = called(&built, &call, &field.marks.conditions);
        }
    }
    let tail = duration::resolved(node.tail.iter().cloned().collect(), troubles);
    quote!(#built #tail)
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
    let builder = facade.item(node.kind.builder(), node.head.span());
    let name = node.field("name").and_then(|field| given(field, troubles));
    let notifies = node
        .field("notify_start")
        .is_some_and(|field| check::flag(&field.value, &field.key, troubles));
    if !matches!(node.kind, Kind::Worker | Kind::Branch) {
        let new = Ident::new("new", node.head.span());
        let name = name.unwrap_or_else(|| quote!(""));
        return quote!(#builder::#new(#name));
    }
    let body = node.body().and_then(|field| {
        let body = given(field, troubles)?;
        Some((field.key.clone(), body))
    });
    let (key, body) = body.unwrap_or_else(|| {
        let start = Ident::new("start", node.head.span());
        (start, node.kind.stand_in(facade))
    });
    let word = key.to_string();
    let constructor = node.kind.constructor(&word, notifies).unwrap_or_else(|| {
        troubles.say(
            key.span(),
            format_args!(
                "one that is made with `{key}` cannot notify its start: use `start` or `thread`"
            ),
        );
        "new"
    });
    let constructor = Ident::new(constructor, key.span());
    if word == "of" {
        let named = name.map(|name| quote!(.named(#name)));
        return quote!(#builder::#constructor(#body) #named);
    }
    let name = name.unwrap_or_else(|| quote!(""));
    quote!(#builder::#constructor(#name, #body))
}

/// The value of a field that a constructor takes; `None` when it is missing.
fn given(field: &Field, troubles: &mut Troubles) -> Option<TokenStream> {
    match &field.value {
        Value::Alone => {
            let key = &field.key;
            Some(quote!(#key))
        }
        Value::Tokens(tokens) => {
            let tokens = tokens.iter().cloned().collect();
            Some(duration::resolved(tokens, troubles))
        }
        Value::Missing | Value::Children(_) => None,
    }
}

fn child(child: &Child, facade: &Facade, troubles: &mut Troubles) -> TokenStream {
    match &child.what {
        What::Node(below) => {
            let below = node(below, facade, troubles);
            quote!(.child(#below))
        }
        What::Given(tokens) => {
            let given = duration::resolved(tokens.iter().cloned().collect(), troubles);
            quote!(.child(#given))
        }
        What::Spread(tokens) => {
            let many = duration::resolved(tokens.iter().cloned().collect(), troubles);
            quote!(.children(#many))
        }
    }
}

/// `built` with a call on it, or without where a condition does not hold.
fn called(built: &TokenStream, call: &TokenStream, conditions: &TokenStream) -> TokenStream {
    if conditions.is_empty() {
        return quote!(#built #call);
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
