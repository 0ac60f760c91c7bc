//! No form of a tree trips over a lint.
#![deny(
    warnings,
    unused,
    future_incompatible,
    missing_docs,
    missing_debug_implementations,
    nonstandard_style,
    rust_2018_idioms,
    single_use_lifetimes,
    trivial_casts,
    unit_bindings,
    unnameable_types,
    unreachable_pub,
    unsafe_code,
    unused_import_braces,
    unused_qualifications,
    unused_results,
    variant_size_differences,
    clippy::all,
    clippy::pedantic
)]

use regrow::{Context, NotifyStart, Restart, Stopped, Supervisor, Worker, supervision_tree};
use std::sync::Arc;

#[regrow::worker(restart = Transient, shutdown = 10s)]
async fn mailer(ctx: Context, host: Arc<str>) {
    let _ = host;
    ctx.stopped().await;
}

/// Says when it is up.
#[regrow::worker(name = "a clerk")]
pub async fn clerk(ctx: Context, notify: NotifyStart) {
    notify.ready();
    ctx.stopped().await;
}

/// The facade, by a path that is longer than it had to be.
mod facade {
    pub(crate) use regrow::Worker;
}

#[regrow::worker(crate = crate::facade)]
async fn by_path(ctx: Context) {
    ctx.stopped().await;
}

#[regrow::worker]
async fn without_a_context(number: u32) {
    let _ = number;
    std::future::pending::<()>().await;
}

#[regrow::worker(name = "a relay")]
async fn relay<T>(ctx: Context, mut values: Vec<T>, (first, _): (T, u8)) -> Result<(), Stopped>
where
    T: Clone + Send + Sync + 'static,
{
    values.push(first);
    ctx.until_stopped(std::future::pending()).await
}

fn plain() -> Worker {
    Worker::new("plain", run)
}

async fn run(ctx: Context) {
    ctx.stopped().await;
}

supervision_tree!(pub shop = Supervisor {
    name: "shop",
    strategy: RestForOne,
    tolerance: (3, 5s),
    children: [
        Worker { name: "DB", start: run, restart: Restart::Permanent },
        Supervisor { name: "web", children: [Worker { name: "acceptor", start: run }] },
    ],
});

supervision_tree!(
    /// Has a parameter.
    pub fn bank(host: Arc<str>) -> Supervisor {
        Supervisor {
            name: "bank",
            children: [
                mailer(host),
                clerk(),
                by_path(),
                without_a_context(5),
                relay(vec![1], (2, 3)),
            ],
        }
    }
);

supervision_tree!(
    hidden = Supervisor {
        name: "hidden",
        children: [Worker {
            name: "db",
            start: run
        }]
    }
);

mod below {
    supervision_tree!(pub(crate) stall = Supervisor {
        name: "stall",
        children: [Worker { name: "db", start: super::run, restart: Transient }],
    });

    use regrow::supervision_tree;
}

#[regrow::main(stop_within = 10s, on_up = |tree| tree.root().shutdown())]
fn main() -> Supervisor {
    assert_eq!(shop::web::acceptor, "shop/web/acceptor");
    supervision_tree!(Supervisor {
        name: "root",
        auto_shutdown: Never,
        children: [
            shop(),
            bank("localhost".into()),
            hidden(),
            plain(),
            below::stall(),
            #[cfg(not(unix))]
            Worker {
                name: "never",
                start: run
            },
            #[cfg(unix)]
            Worker {
                name: "db",
                start: run,
                restart: Transient,
                shutdown: 5s,
                own_tolerance: (3, 5s)
            },
        ],
    })
}
