use regrow::{Context, supervision_tree};

async fn run(ctx: Context) {
    let count = std::rc::Rc::new(5);
    ctx.stopped().await;
    println!("{count}");
}

fn main() {
    supervision_tree!(Supervisor {
        name: "shop",
        children: [
            Worker { name: "db", start: run },
        ],
    });
}
