//! Who is restarted when one child must be.

/// Who is restarted when one child must be (OTP's words; semantics 15).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Strategy {
    /// That child alone.
    #[default]
    OneForOne,
    /// All children: they stop, last first, and start again, first first.
    OneForAll,
    /// That child and all that stand after it in start order.
    RestForOne,
}
