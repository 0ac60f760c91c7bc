//! Trees as literals.

/// Declares a tree.
#[macro_export]
macro_rules! supervision_tree {
    ($($tree:tt)*) => {
        $crate::__supervision_tree! { [$crate] $($tree)* }
    };
}
