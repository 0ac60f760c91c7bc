//! Each key that says what a child is made of.
use regrow::{
    BoxError, BranchContext, Component, Context, NotifyStart, ThreadContext, supervision_tree,
};

async fn run(ctx: Context) {
    ctx.stopped().await;
}

async fn notifying(ctx: Context, notify: NotifyStart) {
    notify.ready();
    ctx.stopped().await;
}

async fn branch(ctx: BranchContext) {
    ctx.stopped().await;
}

async fn notifying_branch(ctx: BranchContext, notify: NotifyStart) {
    notify.ready();
    ctx.stopped().await;
}

fn blocks(ctx: ThreadContext) {
    drop(ctx);
}

fn blocks_and_notifies(ctx: ThreadContext, notify: NotifyStart) {
    notify.ready();
    drop(ctx);
}

struct Table;

impl Component for Table {
    async fn run(&self, ctx: Context) -> Result<(), BoxError> {
        ctx.stopped().await;
        Ok(())
    }
}

#[tokio::test]
async fn each_constructor_has_a_key() -> Result<(), BoxError> {
    let task = tokio::spawn(std::future::pending::<()>());
    let shop = supervision_tree!(Supervisor {
        name: "shop",
        auto_shutdown: AllSignificant,
        start_order: RightToLeft,
        children: [
            Worker {
                name: "start",
                start: run
            },
            Worker {
                name: "start notifies",
                start: notifying,
                notify_start: true
            },
            Worker {
                name: "start does not notify",
                start: run,
                notify_start: false
            },
            Worker {
                name: "once",
                once: run,
                significant
            },
            Worker {
                name: "thread",
                thread: blocks
            },
            Worker {
                name: "thread notifies",
                thread: blocks_and_notifies,
                notify_start
            },
            Worker {
                name: "blocking",
                blocking: blocks
            },
            Worker {
                name: "local",
                local: run
            },
            Worker {
                name: "future",
                future: std::future::pending::<()>(),
                significant: true
            },
            Worker {
                name: "joining",
                joining: |ctx| tokio::spawn(run(ctx))
            },
            Worker {
                name: "from_join_handle",
                from_join_handle: task
            },
            Worker {
                name: "of",
                of: Table,
                restart: Transient
            },
            Branch {
                name: "branch",
                start: branch,
                body_shutdown: 1s
            },
            Branch {
                name: "branch notifies",
                start: notifying_branch,
                notify_start
            },
            Dynamic {
                name: "dynamic",
                max_children: 10_000
            },
            DynamicSupervisor {
                name: "dynamic by its name",
                tolerance: (3, 5s)
            },
            Supervisor {
                name: "supervisor",
                strategy: OneForAll
            },
        ],
    });
    let _spec = shop.build()?;
    Ok(())
}
