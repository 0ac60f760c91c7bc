//! Trees that are right.

mod bases;
mod conditions;
mod constructors;
mod in_a_macro;
mod items;
mod names;
mod values;
