//! The names that the item forms declare, used on a tree that lives.
use regrow::testing::Recorder;
use regrow::{Context, DynamicSupervisor, Supervisor, Tree, Worker, supervision_tree};

async fn run(ctx: Context) {
    ctx.stopped().await;
}

#[regrow::worker]
async fn idle(ctx: Context) {
    ctx.stopped().await;
}

supervision_tree!(pub(crate) shop = Supervisor {
    name: "shop",
    children: [
        Worker { name: "db", start: run },
        Supervisor { name: "web", children: [
            Worker { name: "acceptor", start: run },
            Supervisor { name: "pool", children: [Worker { name: "one", start: run }] },
            Dynamic { name: "connections" },
        ] },
        Worker::new("mailer", run),
        // Nobody can read the name of this one.
        idle(),
    ],
});

/// Names that are no words, or that Rust has its own use for.
#[allow(clippy::needless_pass_by_value, reason = "as any function")]
mod odd {
    use super::{run, supervision_tree};

    supervision_tree!(
        pub(super) fn zoo(prefix: String, how_many: usize) -> regrow::Supervisor {
            let spread =
                (0..how_many).map(|number| super::Worker::new(format!("{prefix}{number}"), run));
            Supervisor {
                name: "the zoo",
                children: [
                    Worker {
                        name: "big cats",
                        start: run,
                    },
                    Worker {
                        name: "7",
                        start: run,
                    },
                    Worker {
                        name: "type",
                        start: run,
                    },
                    Worker {
                        name: "self",
                        start: run,
                    },
                    Worker {
                        name: "Ära.2",
                        start: run,
                    },
                    // These would be one word: they have none.
                    Worker {
                        name: "a-b",
                        start: run,
                    },
                    Worker {
                        name: "a.b",
                        start: run,
                    },
                    ..spread,
                ],
            }
        }
    );

    pub(super) mod deeper {
        use super::run;

        super::supervision_tree!(pub(in crate::names) farm = Supervisor {
            name: "farm",
            children: [
                #[cfg(all())]
                Worker { name: "dog", start: run },
                #[cfg(any())]
                Worker { name: "wolf", start: run },
                // Only one of them is there.
                #[cfg(any())]
                Worker { name: "cat", start: nobody_has_this_one },
                #[cfg(all())]
                Worker { name: "cat", start: run },
            ],
        });
    }
}

/// All runtime names of a tree, in order of start.
fn all(tree: &Tree) -> Vec<String> {
    fn add(snapshot: &regrow::Snapshot, to: &mut Vec<String>) {
        to.push(snapshot.runtime_name.to_string());
        snapshot.children.iter().for_each(|child| add(child, to));
    }
    let mut names = Vec::new();
    add(&tree.snapshot(), &mut names);
    names.remove(0);
    names
}

#[tokio::test(start_paused = true)]
async fn a_name_finds_its_child() {
    let (tree, mut told) = Recorder::start(shop()).await;
    let tree = tree.unwrap();
    let named = [
        shop::db,
        shop::web,
        shop::web::acceptor,
        shop::web::pool,
        shop::web::pool::one,
        shop::web::connections,
        shop::mailer,
        "shop/idle",
    ];
    assert_eq!(all(&tree), named);
    for name in named {
        assert_eq!(tree.child(name).unwrap().runtime_name(), name);
    }
    assert_eq!(
        tree.supervisor(shop::web::pool).unwrap().runtime_name(),
        shop::web::pool
    );
    let connections = tree.dynamic(shop::web::connections).unwrap();
    assert_eq!(connections.runtime_name(), shop::web::connections);

    told.told("+db +web/acceptor +web/pool/one +web/pool +web/connections +web +mailer +idle +.")
        .await;
    tree.kill(shop::web::acceptor).unwrap();
    told.told("!web/acceptor +web/acceptor").await;
    tree.shutdown().await;
}

/// A constant is a pattern, too.
#[tokio::test(start_paused = true)]
async fn a_name_is_compared_and_matched() {
    let (tree, mut told) = Recorder::start(shop()).await;
    let tree = tree.unwrap();
    let up = told
        .wait_for(|event| event.runtime_name == shop::web::pool::one)
        .await;
    assert_eq!(up.runtime_name, shop::web::pool::one);
    tree.shutdown().await;
    while told.next().await.is_some() {}
    let count = |wanted: fn(&str) -> bool| {
        let names = told.events().iter().map(|event| &event.runtime_name);
        names.filter(|name| wanted(name.as_ref())).count()
    };
    let one = count(|name| matches!(name, shop::db));
    let both = count(|name| match name {
        shop::db | shop::mailer => true,
        shop::web | shop::web::acceptor => false,
        _ => false,
    });
    assert!(one > 0);
    assert_eq!(both, 2 * one);
}

#[tokio::test(start_paused = true)]
async fn names_that_are_no_words() {
    use odd::zoo;
    let tree = zoo("ape".to_owned(), 2).start().await.unwrap();
    let named = [
        zoo::big_cats,
        zoo::_7,
        zoo::r#type,
        zoo::self_,
        zoo::Ära_2,
        "the zoo/a-b",
        "the zoo/a.b",
        "the zoo/ape0",
        "the zoo/ape1",
    ];
    assert_eq!(all(&tree), named);
    tree.shutdown().await;
}

#[tokio::test(start_paused = true)]
async fn a_name_is_there_when_its_child_is() {
    use odd::deeper::farm;
    let tree = farm().start().await.unwrap();
    assert_eq!(all(&tree), [farm::dog, farm::cat]);
    tree.shutdown().await;
}

/// The type that a function of an item returns is the builder of its node.
#[tokio::test(start_paused = true)]
async fn any_node_is_an_item() {
    supervision_tree!(
        worker = Worker {
            name: "one",
            start: run
        }
    );
    supervision_tree!(sessions = Dynamic { name: "sessions" });
    let (worker, sessions): (Worker, DynamicSupervisor) = (worker(), sessions());
    let tree = Supervisor::new("root")
        .child(worker)
        .child(sessions)
        .start()
        .await
        .unwrap();
    assert_eq!(all(&tree), ["root/one", "root/sessions"]);
    tree.shutdown().await;
}
