use regrow::Context;
use tokio::net::TcpListener;

#[regrow::worker]
async fn run(ctx: Context, socket: TcpListener) {
    println!("{socket:?}");
    ctx.stopped().await;
}

fn main() {}
