//! How a life tells its tree's listeners something of its own.
use crate::{context::Context, custom::CustomEvent};
use std::fmt;

impl Context {
    /// Puts an event of this child's own into the stream of its tree, under the child's runtime
    /// name and this incarnation. Listeners choose it by its topic.
    ///
    /// Both texts are made here and now, so that a `Display` that panics is a panic of its caller;
    /// a topic of more than 255 bytes and a message of more than 1024 is cut, which an ellipsis
    /// tells. A life that is over tells nothing any more. Events share the capacity of the
    /// listeners with all that befalls the tree: this is no log.
    ///
    /// ```no_run
    /// # fn work(ctx: &regrow_tasks::Context) {
    /// ctx.emit("cache", format_args!("{} keys loaded", 12));
    /// # }
    /// ```
    pub fn emit(&self, topic: impl fmt::Display, message: impl fmt::Display) {
        let event = CustomEvent::new(topic, message);
        let entry = self.entry();
        if !entry.is_over(self.incarnation()) {
            let listener = entry.directory().tree().listener();
            listener.emitted(
                entry.runtime_name(),
                entry.kind(),
                self.incarnation(),
                event,
            );
        }
    }
}
