use regrow::{Context, supervision_tree};

async fn run(_: Context) -> Result<(), u32> {
    Err(5)
}

fn main() {
    supervision_tree!(Supervisor {
        name: "shop",
        children: [
            Worker { name: "db", start: run },
        ],
    });
}
