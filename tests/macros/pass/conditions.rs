//! Fields and children that depend on a condition.
use regrow::{Backoff, BoxError, Context, supervision_tree};

async fn run(ctx: Context) {
    ctx.stopped().await;
}

supervision_tree!(
    shop = Supervisor {
        name: "shop",
        #[cfg(not(windows))]
        strategy: RestForOne,
        #[cfg(windows)]
        strategy: NoSuchStrategy,
        children: [
            /// The one that is always there.
            Worker { name: "always", start: run },
            #[cfg(windows)]
            Worker { name: "db", start: no_such_function },
            #[cfg(not(windows))]
            Worker {
                name: "db",
                start: run,
                #[cfg(not(windows))]
                restart: Transient,
                #[cfg(windows)]
                backoff: Backoff::constant(1s),
                #[cfg(not(windows))]
                backoff: Backoff::constant(2s),
            },
            #[cfg(not(windows))]
            #[cfg(windows)]
            ..no_such_children(),
            #[cfg(not(windows))]
            ..Vec::<regrow::Worker>::new(),
        ],
    }
);

#[tokio::test]
async fn what_is_left_out_by_a_condition_is_not_there() -> Result<(), BoxError> {
    let tree = shop().start().await?;
    assert_eq!(shop::always, "shop/always");
    assert_eq!(shop::db, "shop/db");
    assert_eq!(tree.children().len(), 2);
    tree.shutdown().await;
    Ok(())
}
