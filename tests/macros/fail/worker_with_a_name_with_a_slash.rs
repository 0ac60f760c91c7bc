use regrow::Context;

#[regrow::worker(name = "db/main")]
async fn run(ctx: Context) {
    ctx.stopped().await;
}

fn main() {}
