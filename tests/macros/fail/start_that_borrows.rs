use regrow::supervision_tree;

fn main() {
    let greeting = String::from("hello");
    supervision_tree!(Supervisor {
        name: "shop",
        children: [
            Worker { name: "db", start: |_| async { println!("{greeting}") } },
        ],
    });
}
