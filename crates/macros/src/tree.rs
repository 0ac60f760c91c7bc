//! `supervision_tree!`: an expression, or an item.
use crate::{
    check, emit,
    facade::Facade,
    names,
    node::Node,
    parse,
    split::{inside, is, is_joint},
    troubles::Troubles,
};
use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use quote::quote;

const LIKE: &str = "`supervision_tree!(Supervisor { name: \"root\", children: [ … ] })`";

/// What was asked for.
struct Asked {
    item: Option<Item>,
    node: Vec<TokenTree>,
}

/// A function that makes the tree, and a module of its names.
struct Item {
    attributes: TokenStream,
    visibility: TokenStream,
    name: Ident,
    parameters: TokenStream,
    returned: Option<TokenStream>,
    /// What stands before the node, in a function.
    statements: TokenStream,
}

/// `[$crate] …`, as the macro of the facade hands it on.
pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let mut tokens = input.into_iter();
    let path = tokens
        .next()
        .and_then(|first| inside(&first, Delimiter::Bracket));
    let facade = path.map_or_else(Facade::by_name, Facade::at);
    let tokens: Vec<TokenTree> = tokens.collect();
    let mut troubles = Troubles::default();
    let asked = asked(&tokens);
    let root = asked
        .as_ref()
        .and_then(|asked| parse::node(&asked.node, &mut troubles));
    let Some((asked, root)) = asked.zip(root) else {
        if troubles.are_none() {
            troubles.say_of(&tokens, format_args!("expected a tree, such as {LIKE}"));
        }
        return troubles.tokens();
    };
    check::tree(&root, &mut troubles);
    let built = emit::node(&root, &facade, &mut troubles);
    match asked.item {
        Some(item) => {
            let errors = troubles.tokens();
            let item = item.emit(&root, &built, &facade);
            quote!(#errors #item)
        }
        None if troubles.are_none() => built,
        None => {
            let errors = troubles.tokens();
            quote!({ #errors #built })
        }
    }
}

/// Takes apart `pub shop = NODE`, `pub fn shop(…) -> Supervisor { NODE }` or `NODE`.
fn asked(tokens: &[TokenTree]) -> Option<Asked> {
    let (attributes, rest) = attributes(tokens);
    let (visibility, rest) = visibility(rest);
    match rest {
        [TokenTree::Ident(word), TokenTree::Ident(name), rest @ ..] if word == "fn" => {
            let mut item = Item::named(name, attributes, visibility);
            let (parameters, rest) = rest.split_first()?;
            item.parameters = inside(parameters, Delimiter::Parenthesis)?;
            let (body, returned) = rest.split_last()?;
            if let [_, _, path @ ..] = returned {
                item.returned = Some(path.iter().cloned().collect());
            }
            let body: Vec<TokenTree> = inside(body, Delimiter::Brace)?.into_iter().collect();
            let begin = parse::last_node(&body);
            item.statements = body[..begin].iter().cloned().collect();
            Some(Asked {
                item: Some(item),
                node: body[begin..].to_vec(),
            })
        }
        [TokenTree::Ident(name), equals, node @ ..]
            if is(equals, '=') && !is_joint(equals, '=') =>
        {
            let item = Some(Item::named(name, attributes, visibility));
            Some(Asked {
                item,
                node: node.to_vec(),
            })
        }
        _ => Some(Asked {
            item: None,
            node: tokens.to_vec(),
        }),
    }
}

fn attributes(mut tokens: &[TokenTree]) -> (TokenStream, &[TokenTree]) {
    let mut attributes = TokenStream::new();
    while let [hash, group, rest @ ..] = tokens {
        if !is(hash, '#') || inside(group, Delimiter::Bracket).is_none() {
            break;
        }
        attributes.extend([hash.clone(), group.clone()]);
        tokens = rest;
    }
    (attributes, tokens)
}

fn visibility(tokens: &[TokenTree]) -> (TokenStream, &[TokenTree]) {
    let length = match tokens {
        [TokenTree::Ident(word), group, ..] if word == "pub" => {
            1 + usize::from(inside(group, Delimiter::Parenthesis).is_some())
        }
        _ => 0,
    };
    (
        tokens[..length].iter().cloned().collect(),
        &tokens[length..],
    )
}

impl Item {
    fn named(name: &Ident, attributes: TokenStream, visibility: TokenStream) -> Self {
        Self {
            attributes,
            visibility,
            name: name.clone(),
            parameters: TokenStream::new(),
            returned: None,
            statements: TokenStream::new(),
        }
    }

    fn emit(&self, root: &Node, built: &TokenStream, facade: &Facade) -> TokenStream {
        let Self {
            attributes,
            visibility,
            name,
            parameters,
            statements,
            ..
        } = self;
        let builder = facade.item(root.kind.builder(), root.head.span());
        let returned = self.returned.clone().unwrap_or(builder);
        let told = root.name().map(|name| name.value());
        let names = told
            .as_ref()
            .map_or_else(TokenStream::new, |told| names::below(root, told));
        let about = format!(
            "Declares {}.",
            told.map_or_else(|| "a tree".to_owned(), |told| format!("the tree `{told}`"))
        );
        let about = attributes.is_empty().then(|| quote!(#[doc = #about]));
        let names_about = format!("The runtime names of what [`{name}`](fn@{name}) declares.");
        quote! {
            #attributes
            #about
            #visibility fn #name(#parameters) -> #returned {
                #statements
                #built
            }
            #[doc = #names_about]
            #[allow(dead_code, non_snake_case, non_upper_case_globals, unreachable_pub)]
            #visibility mod #name { #names }
        }
    }
}
