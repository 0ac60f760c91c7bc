//! A supervisor of two workers: one is killed, and its group regrows.
use regrow::{BoxError, Change, Context, Worker, supervision_tree};

supervision_tree!(
    shop = Supervisor {
        name: "shop",
        children: [Supervisor {
            name: "web",
            strategy: OneForAll,
            children: [Worker::new("acceptor", idle), Worker::new("router", idle)],
        }],
    }
);

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let tree = shop().start().await?;
    for child in tree.supervisor(shop::web)?.children() {
        println!("{child}");
    }
    let mut events = tree.subscribe();
    tree.kill(shop::web::acceptor)?;
    while let Some(event) = events.next().await.transpose()? {
        println!("{event}");
        if event.runtime_name == shop::web::router && matches!(event.change, Change::Started) {
            break;
        }
    }
    println!("{}", tree.snapshot());
    println!("{}", tree.shutdown().await);
    Ok(())
}

async fn idle(ctx: Context) {
    ctx.stopped().await;
}
