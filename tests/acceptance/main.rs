//! The cases of `supervisor-otp`, `dynamic-supervisor`, `tokio` and, as far as they are built, `capataz`, told through the facade.
//!
//! Each case is a story that is told on a paused clock (module `paused`) and once more on threads (module `threads`),
//! where the order alone is asserted; a story about time is told on the paused clock only. Fixtures F1 to F5 of the
//! catalogue are one [`puppet::Puppet`]. Numbers in comments are those of `docs/semantics.md`.

#[macro_use]
mod story;
mod branching;
mod fixtures;
mod puppet;

mod administration;
mod branch_backoffs;
mod branch_edges;
mod branch_failures;
mod branch_signals;
mod branch_stops;
mod branch_strains;
mod branch_views;
mod branches;
mod builds;
mod called;
mod components;
mod configured;
mod custom_events;
mod drain;
mod dynamic;
mod ends_by_type;
mod explained;
mod group_restarts;
mod health;
mod hooks;
mod laws;
mod listeners;
mod lone_worker;
mod nested_contexts;
mod provided;
mod restart_types;
mod runtime;
mod scale;
mod shapes;
mod significant;
mod single_restarts;
mod spawned;
mod specs;
mod start;
mod start_orders;
mod static_trees;
mod stop;
mod strategies;
mod tolerances;
mod trees;
mod turns;
mod uncaptured;
mod up_again;
