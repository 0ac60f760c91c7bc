use regrow::Context;

#[regrow::worker]
fn run(_: Context) {}

fn main() {}
