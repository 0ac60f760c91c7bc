use regrow::Context;

#[regrow::worker(restart = Transient, restart = Permanent)]
async fn run(ctx: Context) {
    ctx.stopped().await;
}

fn main() {}
