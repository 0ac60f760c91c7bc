use regrow::Context;

#[regrow::worker(resart = Transient)]
async fn run(ctx: Context) {
    ctx.stopped().await;
}

fn main() {}
