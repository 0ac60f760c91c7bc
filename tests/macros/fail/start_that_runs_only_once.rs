use regrow::{Context, supervision_tree};

use tokio::sync::mpsc::Receiver;

async fn run(ctx: Context, _receiver: Receiver<u32>) {
    ctx.stopped().await;
}

fn main() {
    let (_sender, receiver) = tokio::sync::mpsc::channel::<u32>(8);
    supervision_tree!(Supervisor {
        name: "shop",
        children: [
            Worker { name: "db", start: move |ctx| run(ctx, receiver) },
        ],
    });
}
