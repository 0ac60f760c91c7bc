//! Nodes that take over what is declared elsewhere.
use regrow::{BoxError, Context, Restart, Strategy, Supervisor, Worker, supervision_tree};
use std::time::Duration;

async fn run(ctx: Context) {
    ctx.stopped().await;
}

fn patient() -> Worker {
    Worker::new("patient", run)
        .restart(Restart::Transient)
        .shutdown(Duration::from_secs(60))
}

fn standard() -> Supervisor {
    Supervisor::new("standard")
        .tolerance((9, Duration::from_secs(9)))
        .child(Worker::new("first", run))
}

supervision_tree!(
    shop = Supervisor {
        name: "shop",
        strategy: RestForOne,
        children: [
            Worker {
                name: "orders",
                shutdown: 10s,
                ..patient()
            },
            Worker { ..patient() },
            Supervisor {
                name: "web",
                children: [Worker {
                    name: "second",
                    ..patient()
                }],
                ..standard()
            }
        ],
        ..standard()
    }
);

#[test]
fn what_is_written_is_said_of_what_is_taken_over() {
    let by_hand = standard()
        .named("shop")
        .strategy(Strategy::RestForOne)
        .child(patient().named("orders").shutdown(Duration::from_secs(10)))
        .child(patient())
        .child(standard().named("web").child(patient().named("second")));
    assert_eq!(format!("{:#?}", shop()), format!("{by_hand:#?}"));
}

#[tokio::test]
async fn the_names_are_those_that_are_written() -> Result<(), BoxError> {
    let tree = shop().start().await?;
    let names: Vec<String> = tree
        .children()
        .iter()
        .map(|child| child.name.to_string())
        .collect();
    assert_eq!(names, ["first", "orders", "patient", "web"]);
    assert_eq!(tree.child(shop::orders)?.runtime_name(), shop::orders);
    assert_eq!(shop::web::second, "shop/web/second");
    tree.child(shop::web::second)?;
    tree.shutdown().await;
    Ok(())
}
