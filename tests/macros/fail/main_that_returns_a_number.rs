#[regrow::main]
fn main() -> u32 {
    5
}
