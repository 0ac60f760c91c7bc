use regrow::{Context, Worker, supervision_tree};

async fn run(ctx: Context) {
    ctx.stopped().await;
}

fn patient() -> Worker {
    Worker::new("patient", run)
}

fn main() {
    supervision_tree!(Supervisor {
        name: "shop",
        children: [
            Worker { name: "db", start: run, ..patient() },
        ],
    });
}
