use regrow::Context;

#[regrow::worker]
async fn run(ctx: Context, #[cfg(any())] port: u16) {
    ctx.stopped().await;
}

fn main() {
    drop(run(80));
}
