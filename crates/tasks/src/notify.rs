//! How a body says that it is up.
use crate::{
    context::{self, Context},
    reason::{BoxError, SharedError, StartFailure},
    report::Report,
};

/// Says once that a life is up, that its start failed, or that it has nothing to do.
///
/// A body that has one is up when it calls [`ready`](Self::ready), and not before. Dropping it
/// without a report is a failure of the start, told apart from the others.
#[derive(Debug)]
#[must_use = "a start that is not reported fails"]
pub struct NotifyStart {
    context: Option<Context>,
}

impl NotifyStart {
    pub(crate) const fn new(context: Context) -> Self {
        Self {
            context: Some(context),
        }
    }

    /// The life is up: the next child may start.
    pub fn ready(mut self) {
        self.report(Report::Started);
    }

    /// The start failed with this error. The body is asked to stop, and killed after its
    /// shutdown.
    pub fn failed(mut self, error: impl Into<BoxError>) {
        let failure = StartFailure::Failed(SharedError::new(error));
        self.report(Report::StartFailed(failure));
    }

    /// The start failed as another one did, on which it depends: for the crates beside this one.
    #[doc(hidden)]
    pub fn failed_as(mut self, failure: StartFailure) {
        self.report(Report::StartFailed(failure));
    }

    /// There is nothing to do: the start succeeds, and the body is expected to return. A temporary
    /// child and one of a dynamic supervisor are forgotten, others keep their place.
    pub fn ignore(mut self) {
        self.report(Report::Ignored);
    }

    /// The life that runs here goes on for a while after its notifier was dropped, and tells by its
    /// end how its start went: for the crates beside this one.
    #[doc(hidden)]
    pub fn told_by_the_end() {
        context::forget_dropped_notifier();
    }

    fn report(&mut self, report: Report) {
        if let Some(context) = self.context.take() {
            context.entry().report(context.incarnation(), report);
        }
    }
}

impl Drop for NotifyStart {
    fn drop(&mut self) {
        // A body that ends with its notifier is told by its end: returned, failed or panicked.
        let ends_with_body = self
            .context
            .as_ref()
            .is_none_or(context::note_dropped_notifier);
        if !ends_with_body {
            self.report(Report::StartFailed(StartFailure::NotifierDropped));
        }
    }
}
