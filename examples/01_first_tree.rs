//! Two workers and a supervisor of two more: one is killed, and its group regrows.
use regrow::{BoxError, Change, Context, Strategy, Supervisor, Worker};
use std::time::Duration;

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let web = Supervisor::new("web")
        .strategy(Strategy::OneForAll)
        .child(Worker::new("acceptor", idle))
        .child(Worker::new("router", idle));
    let shop = Supervisor::new("shop")
        .child(Worker::new("prices", prices))
        .child(Worker::new("mailer", idle))
        .child(web);
    let tree = shop.start().await?;
    for child in tree.children() {
        println!("{child}");
    }

    let mut events = tree.subscribe();
    tree.kill("web/acceptor")?;
    while let Some(Ok(event)) = events.next().await {
        println!("{event}");
        if event.runtime_name == "shop/web/router" && matches!(event.change, Change::Started) {
            break;
        }
    }
    println!("{}", tree.snapshot());
    println!("{}", tree.shutdown().await);
    Ok(())
}

async fn prices(ctx: Context) -> Result<(), BoxError> {
    loop {
        ctx.until_stopped(tokio::time::sleep(Duration::from_secs(60)))
            .await?;
    }
}

async fn idle(ctx: Context) {
    ctx.stopped().await;
}
