use regrow::supervision_tree;

fn main() {
    supervision_tree!(Supervisor {
        name: "shop",
        children: [
            Worker { name: "db", notify_start: true },
        ],
    });
}
