use regrow::{Supervisor, supervision_tree};

#[regrow::main]
fn main(port: u16) -> Supervisor {
    println!("{port}");
    supervision_tree!(Supervisor { name: "shop" })
}
