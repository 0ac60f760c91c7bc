use regrow::Context;

#[regrow::worker]
async fn run(ctx: Context) -> u32 {
    ctx.stopped().await;
    5
}

fn main() {}
