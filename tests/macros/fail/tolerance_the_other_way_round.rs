use regrow::supervision_tree;

fn main() {
    supervision_tree!(Supervisor { name: "shop", tolerance: (5s, 3) });
}
