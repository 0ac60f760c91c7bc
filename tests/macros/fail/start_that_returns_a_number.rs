use regrow::{Context, supervision_tree};

async fn run(ctx: Context) -> u32 {
    ctx.stopped().await;
    5
}

fn main() {
    supervision_tree!(Supervisor {
        name: "shop",
        children: [
            Worker { name: "db", start: run },
        ],
    });
}
