use regrow::supervision_tree;

async fn run(port: u16) {
    println!("{port}");
}

fn main() {
    supervision_tree!(Supervisor {
        name: "shop",
        children: [
            Worker { name: "db", start: run },
        ],
    });
}
