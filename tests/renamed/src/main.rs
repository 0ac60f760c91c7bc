//! A program that calls the facade by another name, in all three macros; and by the path of a module of its own.
use other::{Context, Supervisor};

/// Where a program may keep what it uses.
mod own {
    pub(crate) mod supervision {
        pub(crate) use other::*;
    }
}

async fn run(ctx: Context) {
    ctx.stopped().await;
}

#[other::worker(crate = other, restart = Transient, shutdown = 10s)]
async fn by_name(ctx: Context) {
    ctx.stopped().await;
}

#[own::supervision::worker(crate = crate::own::supervision, restart = Transient, significant)]
async fn by_path(ctx: Context) {
    println!("{} ends", ctx.runtime_name());
}

/// As text, which some prefer.
#[other::worker(crate = "::other", restart = Transient)]
async fn by_text(ctx: Context) {
    ctx.stopped().await;
}

other::supervision_tree!(pub(crate) shop = Supervisor {
    name: "shop",
    strategy: RestForOne,
    tolerance: (3, 5s),
    auto_shutdown: AnySignificant,
    children: [
        Worker { name: "db", start: run, restart: Transient },
        Supervisor { name: "web", children: [Worker { name: "acceptor", start: run }] },
        Dynamic { name: "connections" },
        by_name(),
        by_text(),
        by_path(),
    ],
});

/// It ends by itself, with its significant child.
#[other::main(crate = other, stop_within = 10s)]
fn main() -> Supervisor {
    shop()
}

#[cfg(test)]
mod tests {
    use super::{run, shop};
    use other::{
        AutoShutdown::AnySignificant, DynamicSupervisor, Restart::Transient, Strategy::RestForOne,
        Supervisor, Worker,
    };
    use std::time::Duration;

    #[test]
    fn the_tree_is_that_of_the_builders() {
        let worker = |name| Worker::new(name, run).restart(Transient);
        let by_hand = Supervisor::new("shop")
            .strategy(RestForOne)
            .tolerance((3, Duration::from_secs(5)))
            .auto_shutdown(AnySignificant)
            .child(worker("db"))
            .child(Supervisor::new("web").child(Worker::new("acceptor", run)))
            .child(DynamicSupervisor::new("connections"))
            .child(worker("by_name").shutdown(Duration::from_secs(10)))
            .child(worker("by_text"))
            .child(worker("by_path").significant());
        assert_eq!(format!("{:#?}", shop()), format!("{by_hand:#?}"));
    }

    #[test]
    fn the_names_are_there() {
        assert_eq!(shop::web::acceptor, "shop/web/acceptor");
    }
}
