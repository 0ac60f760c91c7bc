use regrow::Context;

#[regrow::worker(shutdown = 5)]
async fn run(ctx: Context) {
    ctx.stopped().await;
}

fn main() {}
