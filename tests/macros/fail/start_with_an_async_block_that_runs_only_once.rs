use regrow::supervision_tree;

fn main() {
    let greeting = String::from("hello");
    supervision_tree!(Supervisor {
        name: "shop",
        children: [
            Worker { name: "db", start: move |_| async move { drop(greeting) } },
        ],
    });
}
