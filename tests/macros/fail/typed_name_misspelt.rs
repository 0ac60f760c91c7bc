use regrow::{Context, supervision_tree};

async fn run(ctx: Context) {
    ctx.stopped().await;
}

supervision_tree!(
    shop = Supervisor {
        name: "shop",
        children: [
            Supervisor { name: "web", children: [Worker { name: "acceptor", start: run }] },
        ],
    }
);

fn main() {
    let _ = shop();
    let _ = shop::web::aceptor;
}
