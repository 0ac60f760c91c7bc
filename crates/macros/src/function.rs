//! A function with an attribute, as it was written. Its body is not read.
use crate::{
    check,
    facade::Facade,
    fragment,
    node::{Field, Value},
    parse, setting,
    troubles::Troubles,
};
use proc_macro2::{TokenStream, TokenTree};
use quote::quote;
use syn::{
    Attribute, Signature, Visibility,
    parse::{Parse, ParseStream},
};

/// What is said of a function from outside, or holds for all that is in it.
const OUTER: [&str; 9] = [
    "doc",
    "cfg",
    "deprecated",
    "must_use",
    "allow",
    "expect",
    "warn",
    "deny",
    "forbid",
];

pub(crate) struct Function {
    /// Docs, conditions, lints.
    pub(crate) outer: Vec<Attribute>,
    /// What concerns its code.
    pub(crate) inner: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) signature: Signature,
    pub(crate) body: TokenStream,
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        let is_outer =
            |attribute: &Attribute| OUTER.iter().any(|word| attribute.path().is_ident(word));
        let (outer, inner) = attributes.into_iter().partition(is_outer);
        Ok(Self {
            outer,
            inner,
            visibility: input.parse()?,
            signature: input.parse()?,
            body: input.parse()?,
        })
    }
}

/// Makes something of a function and what its attribute was told. One that cannot be read is left as it is.
pub(crate) fn expanded(
    arguments: TokenStream,
    item: TokenStream,
    make: fn(&Function, &mut Arguments, &mut Troubles) -> TokenStream,
) -> TokenStream {
    let mut troubles = Troubles::default();
    let mut arguments = Arguments::read(arguments, &mut troubles);
    let made = match syn::parse2(item.clone()) {
        Ok(function) => make(&function, &mut arguments, &mut troubles),
        Err(error) => {
            troubles.say(
                error.span(),
                format_args!("{error}: the attribute stands before a function"),
            );
            item
        }
    };
    let errors = troubles.tokens();
    quote!(#errors #made)
}

/// What stands in the parentheses of an attribute.
pub(crate) struct Arguments {
    pub(crate) facade: Facade,
    pub(crate) settings: Vec<Field>,
}

impl Arguments {
    /// `crate = path` says where regrow is; all else is left.
    pub(crate) fn read(tokens: TokenStream, troubles: &mut Troubles) -> Self {
        let mut facade = Facade::by_name();
        let mut settings = parse::settings(fragment::opened(tokens), troubles);
        check::once_each(&settings, troubles);
        settings.retain(|field| match &field.value {
            Value::Tokens(path) if field.key == "crate" => {
                facade = Facade::at(unquoted(path));
                false
            }
            _ => true,
        });
        Self { facade, settings }
    }

    /// The settings as calls of a builder's methods.
    pub(crate) fn calls(&self, troubles: &mut Troubles) -> TokenStream {
        let calls = self.settings.iter();
        calls
            .map(|field| setting::call(field, &self.facade, troubles))
            .collect()
    }

    /// Takes the setting of that key out.
    pub(crate) fn take(&mut self, key: &str) -> Option<Field> {
        let at = self.settings.iter().position(|field| field.key == key)?;
        Some(self.settings.remove(at))
    }
}

/// A path, which may have been written as text.
fn unquoted(path: &[TokenTree]) -> TokenStream {
    crate::node::text(path)
        .and_then(|text| text.parse().ok())
        .unwrap_or_else(|| path.iter().cloned().collect())
}
