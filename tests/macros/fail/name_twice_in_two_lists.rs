use regrow::{Context, supervision_tree};

async fn run(ctx: Context) {
    ctx.stopped().await;
}

fn main() {
    supervision_tree!(Supervisor {
        name: "shop",
        children: [
            Worker { name: "db", start: run },
            Worker { name: "web", start: run },
        ],
        children: [
            Worker { name: "db", start: run },
        ],
    });
}
