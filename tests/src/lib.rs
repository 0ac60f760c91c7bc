//! The joiner behind `just acceptance`: which cases of the acceptance catalogues a test run really passed.
//!
//! ```text
//! acceptance/cases/*.txt    every case of every catalogue   \
//! acceptance/skipped.toml   why a case has no test           }-->  join  -->  a table, the open ids, complaints
//! the run's own output      what was executed, and how      /
//! ```
//!
//! A test says by its name which cases it is for: `sup_071_other_child_fails_restart`, or several,
//! `sup_025_026_terminate_child`. Nothing is believed but the run: a test that was not executed counts for nothing.

mod catalogue;
mod exceptions;
#[cfg(doctest)]
mod impossible;
mod join;
mod run;

pub use catalogue::{CaseId, Catalogue, read_catalogues};
pub use exceptions::{Exception, Exceptions, Which};
pub use join::{Report, Tally, join};
pub use run::{Outcome, Run};
