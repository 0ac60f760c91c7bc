//! Trees as literals.

/// Declares a tree: nodes in the shape of struct literals, which are checked while they are compiled.
///
/// ```
/// use regrow::{BoxError, Context, NotifyStart, Worker, supervision_tree};
/// use std::{io, sync::Arc};
/// use tokio::net::TcpListener;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), BoxError> {
/// let listener = Arc::new(TcpListener::bind("127.0.0.1:0").await?);
/// let mailer = Worker::new("mailer", |ctx| async move { ctx.stopped().await });
/// let shop = supervision_tree!(Supervisor {
///     name: "shop",
///     strategy: RestForOne,
///     tolerance: (3, 5s),
///     children: [
///         Worker { name: "db", start: db, notify_start: true, shutdown: 10s },
///         Supervisor {
///             name: "web",
///             strategy: OneForAll,
///             children: [
///                 Worker { name: "acceptor", start: move |ctx| accept(ctx, listener.clone()), restart: Transient },
///                 Dynamic { name: "connections", max_children: 10_000 },
///             ],
///         },
///         mailer,
///         ..shards(4),
///     ],
/// });
/// let tree = shop.start().await?;
/// # assert_eq!(tree.children().len(), 7);
/// # tree.shutdown().await;
/// # Ok(())
/// # }
///
/// async fn db(ctx: Context, start: NotifyStart) {
///     start.ready();
///     ctx.stopped().await;
/// }
///
/// async fn accept(ctx: Context, listener: Arc<TcpListener>) -> io::Result<()> {
///     while let Ok(accepted) = ctx.until_stopped(listener.accept()).await {
///         println!("{} knocks", accepted?.1);
///     }
///     Ok(())
/// }
///
/// fn shards(count: u32) -> impl Iterator<Item = Worker> {
///     (0..count).map(|shard| Worker::new(format!("shard-{shard}"), |ctx| async move { ctx.stopped().await }))
/// }
/// ```
///
/// It is the builder, in other words: `Supervisor::new("shop").strategy(Strategy::RestForOne)…`, of the same type and with the
/// same result. In parentheses rustfmt formats it. The words of the nodes need no import.
///
/// # Nodes
///
/// | you write | it is | beside its `name` it needs |
/// |---|---|---|
/// | `Worker { … }` | a [`Worker`](crate::Worker) | what it runs: `start`, or `once`, `thread`, `blocking`, `local`, `future`, `joining`, `from_join_handle`, or `of` with a [`Component`](crate::Component), which may have a name of its own |
/// | `Supervisor { … }` | a [`Supervisor`](crate::Supervisor) | nothing; `children` is a list of nodes |
/// | `Dynamic { … }` | a [`DynamicSupervisor`](crate::DynamicSupervisor) | nothing |
/// | `Branch { … }` | a [`Branch`](crate::Branch) | `start`, its body |
/// | `expression` | a child: whatever [`Supervisor::child`](crate::Supervisor::child) takes | |
/// | `..expression` | many: whatever [`Supervisor::children`](crate::Supervisor::children) takes | |
///
/// At its end a node can take over what is declared elsewhere, as a struct does: `..` and an expression of its type. The fields are
/// said of that, and its name is that of the node, if it has one; children are added.
///
/// ```
/// use regrow::{BoxError, Context, Worker, supervision_tree};
/// use std::sync::Arc;
///
/// #[regrow::worker(restart = Transient)]
/// async fn mailer(ctx: Context, host: Arc<str>) -> Result<(), BoxError> {
///     println!("{} mails through {host}", ctx.runtime_name());
///     ctx.stopped().await;
///     Ok(())
/// }
///
/// let shop = supervision_tree!(Supervisor {
///     name: "shop",
///     children: [
///         Worker { name: "orders", shutdown: 10s, ..mailer("mail.example".into()) },
///         Worker { name: "news", ..mailer("spare.example".into()) },
///     ],
/// });
/// # assert!(shop.build().is_ok());
/// ```
///
/// `notify_start` says that the `start` (or the `thread`) of a worker, or that of a branch, takes a
/// [`NotifyStart`](crate::NotifyStart) as well, and is up when it says so. A node may have calls behind its braces, and a child or
/// a field `#[cfg(…)]` before it.
///
/// # Fields
///
/// Every other key is a method of the builder, so there is nothing that only one of the two can do.
///
/// | value | such as |
/// |---|---|
/// | any expression | `provide: Settings::read()?` |
/// | a variable of the key's name | `backoff` |
/// | of a method without an argument: `true`, `false`, or the key alone | `significant: true`, `no_start_timeout` |
/// | a duration, anywhere in the value but inside of another macro: a number with a unit | `shutdown: 250ms`, `tolerance: (3, 1m30s)`, `backoff: Backoff::constant(5s)` |
/// | where a duration is asked for, a text as well | `shutdown: "1h 30m"` |
/// | a variant, without its enum | `restart: Transient`, `shutdown: Kill`, `tolerance: Tolerance::new(3, 5s).then(CoolOff(1m))` |
///
/// # Items, and names
///
/// With a name before it the tree becomes two items, a function and a module. The function makes the tree. In the module are the
/// runtime names of all whose names can be read in it, so that a look-up by a name that is none does not compile:
///
/// ```
/// use regrow::{Context, supervision_tree};
///
/// supervision_tree!(
///     shop = Supervisor {
///         name: "shop",
///         children: [
///             Worker { name: "mailer", start: idle },
///             Supervisor { name: "web", children: [Worker { name: "acceptor-1", start: idle }] },
///         ],
///     }
/// );
///
/// async fn idle(ctx: Context) {
///     ctx.stopped().await;
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), regrow::BoxError> {
/// let tree = shop().start().await?;
/// assert_eq!(shop::web::acceptor_1, "shop/web/acceptor-1");
/// tree.kill(shop::web::acceptor_1)?;
/// for child in tree.supervisor(shop::web)?.children() {
///     println!("{child}");
/// }
/// # tree.shutdown().await;
/// # Ok(())
/// # }
/// ```
///
/// They are constants of type `&str`, for whatever takes a path, and for comparisons with a [`RuntimeName`](crate::RuntimeName). What cannot stand
/// in an identifier is a `_`. They are the names in a tree whose root this is. A child that a function or `..` gives has none; one that is
/// written `Worker::new("router", idle)` has.
///
/// What takes parameters is written as a function, whose body ends with the tree. Both may have docs, and `pub` before them:
///
/// ```
/// use regrow::{Context, Supervisor, supervision_tree};
/// use std::sync::Arc;
///
/// supervision_tree!(
///     /// The shop.
///     pub fn shop(host: &str) -> Supervisor {
///         let host: Arc<str> = host.into();
///         Supervisor {
///             name: "shop",
///             children: [Worker { name: "mailer", start: move |ctx| mail(ctx, host.clone()) }],
///         }
///     }
/// );
///
/// async fn mail(ctx: Context, host: Arc<str>) {
///     println!("mail goes through {host}");
///     ctx.stopped().await;
/// }
///
/// let root = shop("mail.example");
/// assert_eq!(shop::mailer, "shop/mailer");
/// # drop(root);
/// ```
///
/// # What does not compile
///
/// Each is told at its place, all of them at once, and with what to do:
///
/// - two siblings of one name; a name that is empty or has a `/` in it;
/// - a node without a name, a worker without anything that it runs, or with two of that, a key that is there twice;
/// - a duration that is none, or has no unit;
/// - a significant child that is permanent, or whose supervisor never shuts itself down (semantics 19);
/// - a child's own tolerance that its backoff puts out of reach (semantics 16.5);
/// - whatever the builder does not take: a key that is no method, a value of another type, a start function that can be called only once.
///
/// Only what is written out is judged here: what an expression makes is judged by the start, as with the builder. Where children come
/// out of a loop, or a tree is put together in pieces, the builder reads better; both can be mixed, in both directions.
///
/// # Cost
///
/// A program that is a tree of 200 children took `cargo build` 1.03 times as long as with the same tree by hand when it was compiled anew,
/// and 1.08 times when it was compiled again with what the compiler keeps; `cargo check` took 1.15 and 1.28 times as long, which are 20 ms.
#[macro_export]
macro_rules! supervision_tree {
    ($($tree:tt)*) => {
        $crate::__supervision_tree! { [$crate] $($tree)* }
    };
}
