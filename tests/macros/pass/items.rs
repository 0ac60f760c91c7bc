//! Trees that are items, wherever items can be.
use regrow::{BoxError, Context, Supervisor, supervision_tree};
use std::sync::Arc;

async fn run(ctx: Context) {
    ctx.stopped().await;
}

async fn serve(ctx: Context, host: Arc<str>) {
    let _ = host;
    ctx.stopped().await;
}

mod below {
    use super::{run, serve};
    use regrow::{Supervisor, supervision_tree};
    use std::sync::Arc;

    supervision_tree!(
        /// All that is sold.
        #[must_use]
        pub(crate) shop = Supervisor { name: "shop", children: [Worker { name: "db", start: run }] }
    );

    supervision_tree!(
        /// Serves a host.
        pub(super) fn web(host: &str, sides: u8) -> Supervisor {
            let host: Arc<str> = Arc::from(host);
            let second = host.clone();
            Supervisor {
                name: "web",
                children: [
                    Worker {
                        name: "acceptor",
                        start: move |ctx| serve(ctx, host.clone()),
                    },
                    Worker {
                        name: "spare",
                        start: move |ctx| serve(ctx, second.clone()),
                    },
                    ..(0..sides).map(|side| regrow::Worker::new(format!("side {side}"), run)),
                ],
            }
        }
    );

    supervision_tree!(pub(in crate::pass::items::below) hidden = Worker { name: "hidden", start: run });

    pub(crate) fn opened() -> regrow::Worker {
        hidden()
    }
}

supervision_tree!(
    fn generic<F: Fn(Context) -> R + Send + Sync + 'static, R>(start: F) -> Supervisor
    where
        R: Future<Output = ()> + Send + 'static,
    {
        Supervisor {
            name: "generic",
            children: [Worker {
                name: "given",
                start,
            }],
        }
    }
);

supervision_tree!(
    fn without_a_type<F>(start: F)
    where
        F: Fn(Context) + Copy,
    {
        let _ = start;
        Supervisor {
            name: "without a type",
        }
    }
);

supervision_tree!(
    #[cfg(unix)]
    system = Supervisor {
        name: "unix",
        children: [Worker {
            name: "db",
            start: run
        }]
    }
);

supervision_tree!(
    #[cfg(not(unix))]
    system = Supervisor {
        name: "another",
        children: [Worker {
            name: "db",
            start: run
        }]
    }
);

supervision_tree!(pub(crate) alone = Dynamic { name: "alone" });

#[tokio::test]
async fn a_tree_is_an_item_wherever_one_can_be() -> Result<(), BoxError> {
    supervision_tree!(
        inner = Supervisor {
            name: "inner",
            children: [Worker {
                name: "db",
                start: run
            }]
        }
    );
    assert_eq!(inner::db, "inner/db");
    assert_eq!(below::shop::db, "shop/db");
    assert_eq!(below::web::spare, "web/spare");
    assert_eq!(generic::given, "generic/given");
    assert_eq!(
        system::db,
        if cfg!(unix) { "unix/db" } else { "another/db" }
    );
    let root = supervision_tree!(Supervisor {
        name: "root",
        children: [
            inner(),
            below::shop(),
            below::web("localhost", 2),
            below::opened(),
            generic(run),
            alone(),
            system(),
            without_a_type(|_| {}),
        ],
    });
    let tree = root.start().await?;
    assert_eq!(tree.children().len(), 8);
    tree.shutdown().await;
    Ok(())
}
