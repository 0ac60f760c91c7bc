use regrow::Context;

struct Table;

impl Table {
    #[regrow::worker]
    async fn run(&self, ctx: Context) {
        ctx.stopped().await;
    }
}

fn main() {}
