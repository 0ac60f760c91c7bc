use regrow::Context;

#[regrow::worker(restart: Transient)]
async fn run(ctx: Context) {
    ctx.stopped().await;
}

fn main() {}
