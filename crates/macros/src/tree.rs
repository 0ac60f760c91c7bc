//! `supervision_tree!`: an expression, or an item.
use crate::{
    check, emit,
    facade::Facade,
    fragment, names,
    node::Node,
    parse,
    split::{self, inside, is, is_joint},
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
    /// In their parentheses, behind those of types.
    parameters: TokenStream,
    /// What is behind them: what it returns, if that is written out, and on what condition.
    bounds: TokenStream,
    returns: bool,
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
    let mut tokens: Vec<TokenTree> = fragment::opened(tokens.collect()).into_iter().collect();
    if tokens.len() > 1 && tokens.last().is_some_and(|last| is(last, ',')) {
        tokens.pop();
    }
    let mut troubles = Troubles::default();
    let asked = asked(&tokens);
    let root = asked
        .as_ref()
        .and_then(|asked| parse::node(&asked.node, &mut troubles));
    let (Some(asked), Some(root)) = (&asked, root) else {
        if troubles.are_none() {
            let node = asked.as_ref().map_or(&tokens, |asked| &asked.node);
            match parse::behind_node(node) {
                [] => troubles.say_of(&tokens, format_args!("expected a tree, such as {LIKE}")),
                rest => troubles.say_of(
                    rest,
                    "one tree is declared at a time: remove what is behind it",
                ),
            }
        }
        return troubles.tokens();
    };
    check::tree(&root, &mut troubles);
    let built = emit::node(&root, &facade, &mut troubles);
    match &asked.item {
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
            let (body, signature) = rest.split_last()?;
            let parameters = split::behind_generics(signature);
            inside(signature.get(parameters)?, Delimiter::Parenthesis)?;
            let (parameters, bounds) = signature.split_at(parameters + 1);
            item.parameters = parameters.iter().cloned().collect();
            item.bounds = bounds.iter().cloned().collect();
            item.returns = bounds.first().is_some_and(|token| is(token, '-'));
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

/// Those of the attributes that say whether there is an item at all.
fn conditions(attributes: &TokenStream) -> TokenStream {
    let tokens: Vec<TokenTree> = attributes.clone().into_iter().collect();
    let is_condition = |attribute: &&[TokenTree]| {
        let inner = inside(&attribute[1], Delimiter::Bracket);
        let word = inner.and_then(|inner| inner.into_iter().next());
        matches!(word, Some(TokenTree::Ident(word)) if word == "cfg")
    };
    tokens
        .chunks_exact(2)
        .filter(is_condition)
        .flatten()
        .cloned()
        .collect()
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
            parameters: quote!(()),
            bounds: TokenStream::new(),
            returns: false,
            statements: TokenStream::new(),
        }
    }

    fn emit(&self, root: &Node, built: &TokenStream, facade: &Facade) -> TokenStream {
        let Self {
            attributes,
            visibility,
            name,
            parameters,
            bounds,
            statements,
            ..
        } = self;
        let builder = facade.item(root.kind.builder(), root.head.span());
        let returned = (!self.returns).then(|| quote!(-> #builder));
        let told = root.name().map(|name| name.value());
        let names = told
            .as_ref()
            .map_or_else(TokenStream::new, |told| names::below(root, told));
        let about = format!(
            "Declares {}.",
            told.map_or_else(|| "a tree".to_owned(), |told| format!("the tree `{told}`"))
        );
        let about = attributes.is_empty().then(|| quote!(#[doc = #about]));
        let conditions = conditions(attributes);
        let names_about = format!("The runtime names of what [`{name}`](fn@{name}) declares.");
        quote! {
            #attributes
            #about
            #visibility fn #name #parameters #returned #bounds {
                #statements
                #built
            }
            #conditions
            #[doc = #names_about]
            #[allow(dead_code, non_snake_case, non_upper_case_globals, unreachable_pub)]
            #visibility mod #name { #names }
        }
    }
}
