use regrow::ThreadContext;

#[regrow::worker]
async fn run(ctx: ThreadContext) {
    drop(ctx);
}

fn main() {}
