use regrow::supervision_tree;

fn main() {
    supervision_tree!(Supervisor { "shop", strategy: OneForAll });
}
