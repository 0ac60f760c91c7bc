use regrow::Context;

#[regrow::worker(notify_start)]
async fn run(ctx: Context) {
    ctx.stopped().await;
}

fn main() {}
