use regrow::Context;

#[regrow::worker]
async fn run(ctx: &Context) {
    ctx.stopped().await;
}

fn main() {}
