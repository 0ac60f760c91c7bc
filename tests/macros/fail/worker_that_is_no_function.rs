#[regrow::worker]
struct Run;

fn main() {}
