//! Trees that another macro writes.
use regrow::{BoxError, Context, supervision_tree};

async fn run(ctx: Context) {
    ctx.stopped().await;
}

macro_rules! pairs {
    ($root:literal, $($name:literal => $start:expr, $shutdown:literal);+ $(;)?) => {
        supervision_tree!(Supervisor {
            name: $root,
            children: [
                $(Worker { name: $name, start: $start, shutdown: $shutdown },)+
                Worker { name: "always", start: |ctx| async move { ctx.stopped().await } },
            ],
        })
    };
}

macro_rules! item {
    ($visibility:vis $shop:ident, $name:literal, [$($child:tt)*]) => {
        supervision_tree!($visibility $shop = Supervisor { name: $name, children: [$($child)*] });
    };
}

item!(pub(crate) shop, "shop", [Worker { name: "db", start: run }]);

#[tokio::test]
async fn another_macro_can_write_a_tree() -> Result<(), BoxError> {
    let both = pairs!("both", "one" => run, 5s; "two" => |ctx: Context| async move { ctx.stopped().await }, "1 min");
    let tree = both.children([shop()]).start().await?;
    assert_eq!(shop::db, "shop/db");
    assert!(tree.child("one").is_ok());
    assert_eq!(tree.children().len(), 4);
    tree.shutdown().await;
    Ok(())
}
