use regrow::{Context, supervision_tree};

fn run(_: Context) {}

fn main() {
    supervision_tree!(Supervisor {
        name: "shop",
        children: [
            Worker { name: "db", start: run },
        ],
    });
}
