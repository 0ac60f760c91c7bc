//! Who is restarted when one child must be, and in which direction a supervisor walks.

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

/// From which end children are started (capataz: start order; semantics 5.7).
///
/// They stop from the other end. Children that are started at run time stand last either way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum StartOrder {
    /// The first one starts first, and stops last.
    #[default]
    LeftToRight,
    /// The last one starts first, and stops last.
    RightToLeft,
}
