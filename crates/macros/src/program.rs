//! `#[main]`: a function that returns the root of a tree, as a program.
use crate::{
    function::{Arguments, Function, expanded},
    troubles::Troubles,
};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{ReturnType, spanned::Spanned};

pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expanded(arguments, item, made)
}

fn made(function: &Function, arguments: &mut Arguments, troubles: &mut Troubles) -> TokenStream {
    look_at(function, troubles);
    let calls = arguments.calls(troubles);
    let Function {
        outer,
        inner,
        visibility,
        signature,
        body,
    } = function;
    let name = &signature.ident;
    let constructor = match signature.asyncness {
        Some(_) => "of_future",
        None => "new",
    };
    let returned = match &signature.output {
        ReturnType::Type(_, ty) => ty.span(),
        ReturnType::Default => Span::call_site(),
    };
    let run = if troubles.are_none() {
        let at = name.span();
        let constructor = arguments.facade.function("Runner", at, constructor, at);
        let root = Ident::new(&name.to_string(), name.span().located_at(returned));
        quote_spanned!(returned=> #constructor(#root()) #calls .run())
    } else {
        quote!(::std::process::ExitCode::FAILURE)
    };
    quote! {
        #(#outer)*
        #visibility fn #name() -> ::std::process::ExitCode {
            #(#inner)*
            #signature #body
            #run
        }
    }
}

fn look_at(function: &Function, troubles: &mut Troubles) {
    let signature = &function.signature;
    if !signature.inputs.is_empty() {
        troubles.say(
            signature.inputs.span(),
            "the main function of a program has no parameters: nobody could give it any",
        );
    }
    if matches!(signature.output, ReturnType::Default) {
        troubles.say(
            signature.ident.span(),
            "the main function returns the root of its tree: write `-> Supervisor`, or `-> Result<Supervisor, BoxError>`",
        );
    }
}
