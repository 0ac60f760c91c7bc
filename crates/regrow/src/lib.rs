//! OTP-style supervision trees for Rust on tokio.

pub use regrow_core::{
    Backoff, ChildKind, Incarnation, InvalidName, Name, Restart, RuntimeName, Shutdown, Strategy,
    Tolerance,
};
pub use regrow_supervisor::{
    Change, ChildInfo, ChildRef, ChildSpec, Counts, DeleteChildError, DynamicRef,
    DynamicSupervisor, GaveUp, IntoChildSpec, LookupError, Missed, RestartChildError, RootExit,
    ShutdownReport, Snapshot, SpecError, StartChildError, StartError, StoppedLife, Subscription,
    Supervisor, SupervisorFailure, SupervisorRef, TerminateChildError, Tree, TreeEvent, Warning,
    Worker,
};
pub use regrow_tasks::{
    Abandoned, BoxError, ChildState, Context, ExitReason, Never, NotifyStart, Outcome, PanicReport,
    SharedError, StartFailure, Stopped,
};

#[cfg(feature = "run")]
pub use regrow_supervisor::{Runner, run};
