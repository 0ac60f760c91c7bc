//! The macros without a compiler: text in, text out.

mod by_hand;
mod dice;
mod drawn;
mod expansions;
mod in_macro;
mod random;
mod split;
mod twins;
mod written;
