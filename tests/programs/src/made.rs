//! Programs whose root is there at once.
use crate::say::{LastWord, say};
use regrow::{Context, NotifyStart, Supervisor, supervision_tree};
use std::{future::pending, hint::spin_loop, process::ExitCode, time::Duration};
use tokio::runtime::Builder;

#[regrow::worker]
async fn idle(ctx: Context) {
    let _last = LastWord("idle ends");
    say("idle is up");
    ctx.stopped().await;
}

pub(crate) fn tree() -> Supervisor {
    supervision_tree!(Supervisor {
        name: "shop",
        children: [idle()],
    })
}

/// Nothing is said but the root.
#[regrow::main]
pub(crate) fn plain() -> Supervisor {
    tree()
}

/// All that can be said.
#[regrow::main(
    stop_within = 10s,
    on_up = |tree| say(&format!("up: {}", tree.snapshot().runtime_name)),
    on_end = |exit| say(&format!("orderly: {}", exit.is_orderly())),
)]
pub(crate) fn watched() -> Supervisor {
    tree()
}

/// What is done beside the tree panics.
#[regrow::main(
    on_up = |_| panics_after("up"),
    on_end = |_| panics_after("end"),
)]
pub(crate) fn careless() -> Supervisor {
    tree()
}

fn panics_after(text: &str) {
    say(text);
    panic!("out of luck")
}

/// There is no root.
#[regrow::main]
pub(crate) fn refused() -> Result<Supervisor, &'static str> {
    Err("there is no shop")
}

/// The root contradicts itself, in a way that is not seen while it is compiled.
#[regrow::main]
pub(crate) fn contradictory() -> Supervisor {
    tree().child(idle())
}

/// It never comes up.
#[regrow::main]
pub(crate) fn starting() -> Supervisor {
    async fn slow(ctx: Context, notify: NotifyStart) {
        let _last = LastWord("slow ends");
        say("slow is not up");
        ctx.stopped().await;
        drop(notify);
    }
    let slow = supervision_tree!(Worker {
        name: "slow",
        start: slow,
        notify_start
    });
    tree().child(slow)
}

/// One that does not stop, and may take for ever.
#[regrow::main]
pub(crate) fn stubborn() -> Supervisor {
    async fn stubborn(ctx: Context) {
        ctx.stopped().await;
        say("stubborn was asked");
        pending::<()>().await;
    }
    supervision_tree!(Supervisor {
        name: "shop",
        children: [
            idle(),
            Worker {
                name: "stubborn",
                start: stubborn,
                shutdown: Indefinitely
            },
        ],
    })
}

/// One that does not yield.
#[regrow::main(stop_within = 50ms)]
pub(crate) fn stuck() -> Supervisor {
    async fn stuck(_: Context) {
        tokio::task::yield_now().await;
        say("stuck begins");
        loop {
            spin_loop();
        }
    }
    supervision_tree!(Supervisor {
        name: "shop",
        kill_wait: Duration::from_millis(50),
        children: [Worker {
            name: "stuck",
            start: stuck
        }],
    })
}

/// A program where none can be: in a runtime.
pub(crate) fn inside(program: fn() -> ExitCode) -> ExitCode {
    let outer = Builder::new_current_thread().build();
    outer.expect("there is room").block_on(async { program() })
}

/// One that nobody can bear.
#[regrow::main]
pub(crate) fn gives_up() -> Supervisor {
    supervision_tree!(Supervisor {
        name: "shop",
        children: [Worker {
            name: "broken",
            start: |_| async { Err::<(), _>("it broke") }
        }],
    })
}
