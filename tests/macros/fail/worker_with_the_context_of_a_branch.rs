use regrow::{BranchContext, BranchError, Worker};

#[regrow::worker]
async fn session(ctx: BranchContext) -> Result<(), BranchError> {
    ctx.run(Worker::new("reader", |ctx| async move { ctx.stopped().await })).await?;
    ctx.stopped().await;
    Ok(())
}

fn main() {
    drop(session());
}
