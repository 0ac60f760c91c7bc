//! A client, as its connection knows it.

use bytes::Bytes;
use regrow::Context;

/// Who is served.
pub(crate) struct Client {
    context: Context,
    /// What it calls itself.
    pub(crate) name: Bytes,
}

impl Client {
    pub(crate) fn new(context: Context) -> Self {
        Self {
            context,
            name: Bytes::new(),
        }
    }

    /// The life that serves it.
    pub(crate) fn context(&self) -> &Context {
        &self.context
    }

    /// The number that its connection has among the children of its supervisor.
    pub(crate) fn id(&self) -> i64 {
        let name = self.context.runtime_name();
        let own = name.as_str().rsplit('/').next();
        own.and_then(|own| own.parse().ok()).unwrap_or(0)
    }
}
