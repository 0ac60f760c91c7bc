use regrow::Context;

#[regrow::worker]
async fn run(ctx: Context, other: Context) {
    ctx.stopped().await;
    other.stopped().await;
}

fn main() {
    drop(run());
}
