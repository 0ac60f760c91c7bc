use regrow::Context;

#[regrow::worker]
async fn run(ctx: Context, host: &str) {
    println!("{host}");
    ctx.stopped().await;
}

fn main() {}
