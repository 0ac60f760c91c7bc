//! What the macros make, while it lives: workers out of functions, and trees by their names. The clock is paused.
//! Numbers in comments are those of `docs/semantics.md`.

mod names;
mod shapes;
mod trees;
mod workers;

use regrow::{IntoChildSpec, Supervisor, Tree};

/// How a child is printed, which tells all but its body.
fn printed(child: impl IntoChildSpec) -> String {
    format!("{:#?}", child.into_child_spec().unwrap())
}

/// A tree of this child alone.
async fn alone(child: impl IntoChildSpec) -> Tree {
    Supervisor::new("root").child(child).start().await.unwrap()
}
