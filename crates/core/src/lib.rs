//! What a supervisor knows and decides.
//!
//! The words of regrow ([`ChildSpec`], [`Restart`], [`Shutdown`], [`Tolerance`], [`Backoff`],
//! [`Strategy`], [`Name`]) and the [`engine`]: events and moments in, commands out. This crate
//! starts nothing, waits for nothing and reads nothing: no runtime, no clock, no chance.
//!
//! Users import from the crate `regrow`; this one is for who drives an engine on another ground.

mod auto_shutdown;
mod backoff;
pub mod engine;
mod exit;
mod life;
mod moment;
mod name;
mod spec;
mod strategy;
mod tolerance;

pub use self::{
    auto_shutdown::AutoShutdown,
    backoff::Backoff,
    exit::Exit,
    life::{Incarnation, Life, Slot},
    moment::Moment,
    name::{InvalidName, Name, RuntimeName},
    spec::{ChildKind, ChildSpec, OnAbandoned, Restart, Shutdown},
    strategy::{StartOrder, Strategy},
    tolerance::{AtLimit, Tolerance},
};
