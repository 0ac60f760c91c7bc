//! `#[worker]`: an `async fn` as a function that returns a `Worker`.
use crate::{
    check,
    function::{Arguments, Function, expanded},
    kind::Kind,
    node::{Field, Value, text},
    troubles::Troubles,
};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{FnArg, GenericParam, Pat, ReturnType, Type, spanned::Spanned};

/// A parameter of the function, as each life gets it.
struct Parameter {
    /// Of the made function; `None` for what the life itself brings.
    kept: Option<TokenStream>,
    argument: TokenStream,
}

pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expanded(arguments, item, made)
}

fn made(function: &Function, arguments: &mut Arguments, troubles: &mut Troubles) -> TokenStream {
    look_at(function, troubles);
    let parameters = parameters(function, troubles);
    // What cannot be a worker is none, so that nothing else is complained about.
    let is_sound = troubles.are_none();
    let name = name(function, arguments, troubles);
    let notifies = notifies(function, arguments, troubles);
    let calls = arguments.calls(troubles);
    let facade = &arguments.facade;
    let Function {
        outer,
        inner,
        visibility,
        signature,
        body,
    } = function;
    if signature.receiver().is_some() {
        return quote!(#(#outer)* #(#inner)* #visibility #signature #body);
    }
    let ident = &signature.ident;
    let returned = match &signature.output {
        ReturnType::Type(_, ty) => ty.span(),
        ReturnType::Default => ident.span(),
    };
    let worker = facade.item("Worker", returned);
    let generics = &signature.generics;
    let bounds = &generics.where_clause;
    let kept = parameters
        .iter()
        .filter_map(|parameter| parameter.kept.as_ref());
    let unused = (!is_sound).then(|| quote!(#[allow(unused_variables)]));
    let made = if is_sound {
        let given = parameters.iter().map(|parameter| &parameter.argument);
        let (constructor, life) = if notifies {
            (
                "with_notify_start",
                quote_spanned!(Span::mixed_site()=> life, notify),
            )
        } else {
            ("new", quote_spanned!(Span::mixed_site()=> life))
        };
        let constructor = facade.function("Worker", returned, constructor, returned);
        let turbofish = turbofish(function);
        quote_spanned! {Span::mixed_site()=>
            #constructor(#name, move |#life| #ident #turbofish (#(#given),*)) #calls
        }
    } else {
        let new = facade.function("Worker", returned, "new", returned);
        let body = Kind::Worker.stand_in(facade);
        quote!(#new(#name, #body))
    };
    quote_spanned! {Span::mixed_site()=>
        #(#outer)*
        #unused
        #visibility fn #ident #generics (#(#kept),*) -> #worker #bounds {
            #(#inner)*
            #signature #body
            #made
        }
    }
}

fn look_at(function: &Function, troubles: &mut Troubles) {
    let signature = &function.signature;
    if signature.asyncness.is_none() {
        let name = &signature.ident;
        troubles.say(
            signature.fn_token.span,
            format_args!(
                "a worker is an `async fn`; for one that blocks its thread take `Worker::thread(\"{name}\", {name})`"
            ),
        );
    }
    for (life, word) in [(Life::Context, "Context"), (Life::Notify, "NotifyStart")] {
        let mut all = signature
            .inputs
            .iter()
            .filter(|input| brings(input) == Some(life));
        if let Some(second) = all.nth(1) {
            troubles.say(
                second.span(),
                format_args!("a life brings one `{word}`: take one parameter of it"),
            );
        }
    }
}

fn name(function: &Function, arguments: &mut Arguments, troubles: &mut Troubles) -> TokenStream {
    match arguments.take("name").map(|field| field.value) {
        Some(Value::Tokens(name)) => {
            if let Some(name) = text(&name) {
                check::name(&name, troubles);
            }
            name.into_iter().collect()
        }
        _ => {
            let name = syn::ext::IdentExt::unraw(&function.signature.ident).to_string();
            quote!(#name)
        }
    }
}

/// Whether it takes a notifier; an attribute that says otherwise is wrong.
fn notifies(function: &Function, arguments: &mut Arguments, troubles: &mut Troubles) -> bool {
    let takes = function
        .signature
        .inputs
        .iter()
        .any(|input| brings(input) == Some(Life::Notify));
    if let Some(Field { key, value, .. }) = arguments.take("notify_start") {
        if check::flag(&value, &key, troubles) && !takes {
            troubles.say(
                key.span(),
                "it notifies nobody: give the function a parameter `notify: NotifyStart`",
            );
        }
    }
    takes
}

/// What a life brings by itself.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Life {
    Context,
    Notify,
}

fn brings(input: &FnArg) -> Option<Life> {
    let FnArg::Typed(typed) = input else {
        return None;
    };
    let word = last_word(&typed.ty)?;
    if word == "Context" {
        Some(Life::Context)
    } else {
        (word == "NotifyStart").then_some(Life::Notify)
    }
}

/// `Context` of `regrow::Context`, also where another macro hands it on.
fn last_word(ty: &Type) -> Option<&Ident> {
    match bare(ty) {
        Type::Path(path) => path.path.segments.last().map(|last| &last.ident),
        _ => None,
    }
}

/// The type within the brackets, of which those that another macro puts around it are not seen.
fn bare(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => bare(&group.elem),
        Type::Paren(paren) => bare(&paren.elem),
        ty => ty,
    }
}

/// What makes a child of a body that is given something else, and what is to be left out for it.
const OTHERS: [(&str, &str, &str); 2] = [
    ("BranchContext", "Branch::new", "the attribute"),
    (
        "ThreadContext",
        "Worker::thread",
        "the attribute and `async`",
    ),
];

/// Whether the parameter is what only another sort of child is given.
fn is_of_another(ty: &Type, function: &Ident, troubles: &mut Troubles) -> bool {
    let other = last_word(ty).and_then(|word| OTHERS.iter().find(|(other, ..)| word == other));
    if let Some((other, constructor, without)) = other {
        troubles.say(
            ty.span(),
            format_args!(
                "a worker of an `async fn` is given a `Context`; for a body with a `{other}` leave out {without}, \
                 and write `{constructor}(\"{function}\", {function})`"
            ),
        );
    }
    other.is_some()
}

fn parameters(function: &Function, troubles: &mut Troubles) -> Vec<Parameter> {
    let signature = &function.signature;
    let inputs = signature.inputs.iter().enumerate();
    inputs
        .filter_map(|(at, input)| parameter(at, input, &signature.ident, troubles))
        .collect()
}

fn parameter(
    at: usize,
    input: &FnArg,
    function: &Ident,
    troubles: &mut Troubles,
) -> Option<Parameter> {
    let site = Span::mixed_site();
    match brings(input) {
        Some(Life::Context) => {
            return Some(Parameter {
                kept: None,
                argument: quote_spanned!(site=> life),
            });
        }
        Some(Life::Notify) => {
            return Some(Parameter {
                kept: None,
                argument: quote_spanned!(site=> notify),
            });
        }
        None => {}
    }
    let FnArg::Typed(typed) = input else {
        troubles.say(
            input.span(),
            "a worker is a free function: what it uses are parameters, cloned for each life",
        );
        return None;
    };
    if let Some(condition) = typed.attrs.iter().find(|mark| mark.path().is_ident("cfg")) {
        troubles.say(
            condition.span(),
            "a parameter is always there: put `#[cfg(…)]` on the function, and write one for each case",
        );
    }
    if is_of_another(&typed.ty, function, troubles) {
        return None;
    }
    if let Type::Reference(reference) = bare(&typed.ty) {
        if reference
            .lifetime
            .as_ref()
            .is_none_or(|lifetime| lifetime.ident != "static")
        {
            let why = match last_word(&reference.elem) {
                Some(word) if word == "Context" => "a life owns its context: write `ctx: Context`",
                _ => {
                    "each life gets a clone of its own, so this must be owned: take an `Arc`, say, or a `String`"
                }
            };
            troubles.say(typed.ty.span(), why);
        }
    }
    let ident = match &*typed.pat {
        // One that is called as the function would be hidden by that.
        Pat::Ident(pattern) if pattern.ident != *function => pattern.ident.clone(),
        _ => Ident::new(&format!("argument_{at}"), site),
    };
    let ty = &typed.ty;
    let mut own = ident.clone();
    own.set_span(ident.span().located_at(ty.span()));
    Some(Parameter {
        kept: Some(quote!(#ident: #ty)),
        argument: quote_spanned!(ty.span()=> ::core::clone::Clone::clone(&#own)),
    })
}

/// The types and numbers that the made function has, handed on.
fn turbofish(function: &Function) -> TokenStream {
    let signature = &function.signature;
    let names: Vec<&Ident> = signature
        .generics
        .params
        .iter()
        .filter_map(|parameter| match parameter {
            GenericParam::Type(ty) => Some(&ty.ident),
            GenericParam::Const(constant) => Some(&constant.ident),
            _ => None,
        })
        .collect();
    if names.is_empty() {
        return TokenStream::new();
    }
    quote!(::<#(#names),*>)
}
