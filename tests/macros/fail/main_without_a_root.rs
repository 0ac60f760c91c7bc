#[regrow::main]
fn main() {}
