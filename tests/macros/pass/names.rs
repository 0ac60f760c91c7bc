//! Names that are words of the language, or no words at all.
use regrow::{BoxError, Context, supervision_tree};

async fn run(ctx: Context) {
    ctx.stopped().await;
}

supervision_tree!(
    shop = Supervisor {
        name: "the shop",
        children: [
            Worker {
                name: "type",
                start: run
            },
            Worker {
                name: "self",
                start: run
            },
            Worker {
                name: "crate",
                start: run
            },
            Worker {
                name: "2nd",
                start: run
            },
            Worker {
                name: "a b",
                start: run
            },
            Worker {
                name: "ähre",
                start: run
            },
            Worker {
                name: "лес",
                start: run
            },
            Worker {
                name: "_",
                start: run
            },
            Worker {
                name: "!",
                start: run
            },
            Worker {
                name: "Web",
                start: run
            },
            Worker {
                name: "web",
                start: run
            },
            Worker {
                name: r"raw",
                start: run
            },
            Worker {
                name: "a-b",
                start: run
            },
            Worker {
                name: "a_b",
                start: run
            },
            Supervisor {
                name: "async",
                children: [
                    Worker {
                        name: "fn",
                        start: run
                    },
                    Worker {
                        name: "async",
                        start: run
                    },
                    Supervisor {
                        name: "shop",
                        children: [Worker {
                            name: "super",
                            start: run
                        }]
                    },
                ],
            },
        ],
    }
);

#[tokio::test]
async fn any_name_has_a_constant() -> Result<(), BoxError> {
    let tree = shop().start().await?;
    for name in [
        shop::r#type,
        shop::self_,
        shop::crate_,
        shop::_2nd,
        shop::ähre,
        shop::лес,
        shop::Web,
        shop::web,
        shop::raw,
        shop::r#async,
        shop::r#async::r#fn,
        shop::r#async::r#async,
        shop::r#async::shop,
        shop::r#async::shop::super_,
    ] {
        let below = name
            .strip_prefix("the shop/")
            .expect("it is below the root");
        assert!(tree.child(below).is_ok(), "{name}");
    }
    tree.shutdown().await;
    Ok(())
}
