//! A tree that is written in the macro is the tree that is written by hand: random trees, written both ways,
//! compiled, printed, compared, and started to see which body runs where.
//!
//! `SEED=7` draws others. What fails names the seed of the tree, and shows how it was written.
//! That the tokens are the same is shown for more of them in `regrow-macros` itself.

#[path = "../../../crates/macros/src/tests/by_hand.rs"]
mod by_hand;
#[path = "../../../crates/macros/src/tests/dice.rs"]
mod dice;
#[path = "../../../crates/macros/src/tests/drawn.rs"]
mod drawn;
#[path = "../../../crates/macros/src/tests/in_macro.rs"]
mod in_macro;
mod methods;
#[path = "../../../crates/macros/src/tests/random.rs"]
mod random;
mod twins;
#[path = "../../../crates/macros/src/tests/written.rs"]
mod written;
