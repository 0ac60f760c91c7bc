use regrow::{Context, Worker, supervision_tree};

#[regrow::main]
fn main() -> Worker {
    supervision_tree!(Worker { name: "db", start: run })
}

async fn run(ctx: Context) {
    ctx.stopped().await;
}
