use regrow::{BranchContext, Context, supervision_tree};

async fn run(ctx: Context) {
    ctx.stopped().await;
}

async fn session(ctx: BranchContext) {
    ctx.stopped().await;
}

fn main() {
    supervision_tree!(Supervisor {
        name: "shop",
        children: [
            Branch { name: "session", start: session, children: [Worker { name: "log", start: run }] },
        ],
    });
}
