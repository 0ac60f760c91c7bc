//! The span of a life, in which its body logs.
use crate::{catch::shielded, entry::Entry};
use regrow_core::Incarnation;
use tracing::span::{Entered, Span};

/// Enters the span of a life. A subscriber that panics harms nobody.
pub(crate) fn enter(span: Option<&Span>) -> Option<Entered<'_>> {
    span.and_then(|span| shielded(|| span.enter()))
}

/// The span of a life; none when no subscriber wants it.
pub(crate) fn span(entry: &Entry, incarnation: Incarnation) -> Option<Box<Span>> {
    let span = shielded(|| {
        tracing::info_span!(
            target: "regrow",
            "child",
            name = %entry.runtime_name(),
            incarnation = incarnation.number()
        )
    })?;
    (!span.is_disabled()).then(|| Box::new(span))
}
