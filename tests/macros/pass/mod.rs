//! Trees that are right.

mod conditions;
mod constructors;
mod in_a_macro;
mod items;
mod names;
mod values;
