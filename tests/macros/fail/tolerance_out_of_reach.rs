use regrow::{Backoff, Context, supervision_tree};

async fn run(ctx: Context) {
    ctx.stopped().await;
}

fn main() {
    supervision_tree!(Supervisor {
        name: "shop",
        children: [
            Worker {
                name: "db",
                start: run,
                own_tolerance: (3, 5s),
                backoff: Backoff::constant(2s),
            },
        ],
    });
}
