use regrow::Context;
use std::rc::Rc;

#[regrow::worker]
async fn run(ctx: Context, count: Rc<u32>) {
    ctx.stopped().await;
    println!("{count}");
}

fn main() {}
