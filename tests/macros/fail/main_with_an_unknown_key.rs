use regrow::{Supervisor, supervision_tree};

#[regrow::main(stop_witin = 5s)]
fn main() -> Supervisor {
    supervision_tree!(Supervisor { name: "shop" })
}
