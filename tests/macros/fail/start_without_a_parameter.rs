use regrow::supervision_tree;

async fn run() {}

fn main() {
    supervision_tree!(Supervisor {
        name: "shop",
        children: [
            Worker { name: "db", start: run },
        ],
    });
}
