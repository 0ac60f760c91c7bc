use regrow::{Context, NotifyStart, supervision_tree};

async fn run(ctx: Context, notify: NotifyStart) {
    notify.ready();
    ctx.stopped().await;
}

fn main() {
    supervision_tree!(Supervisor {
        name: "shop",
        children: [
            Worker { name: "db", start: run },
        ],
    });
}
