// What the drawn trees name, and how two of them are compared. The trees stand below.
use regrow::{watch::{Delivery, Listener}, *};
use std::{
    future::Future,
    marker::PhantomData,
    pin::Pin,
    rc::Rc,
    sync::Mutex,
    task::{self, Poll},
    time::Duration,
};
use tokio::runtime::Handle;

/// What was seen of the lives of one tree: who ran which body, with which values.
static SEEN: Mutex<Vec<String>> = Mutex::new(Vec::new());

fn saw(what: String) {
    SEEN.lock().unwrap().push(what);
}

struct Red(u64);

struct Blue<T, U>(u64, PhantomData<fn() -> (T, U)>);

impl<T, U> Blue<T, U> {
    fn of(mark: u64) -> Self {
        Self(mark, PhantomData)
    }
}

fn begun(ctx: &Context, mark: u64) {
    let red = ctx.value::<Red>().map(|red| red.0);
    let blue = ctx.value::<Blue<u8, u16>>().map(|blue| blue.0);
    saw(format!("{} is {mark}, {red:?}, {blue:?}", ctx.runtime_name()));
}

async fn live(ctx: Context, mark: u64) {
    begun(&ctx, mark);
    ctx.draining().await;
}

async fn start(ctx: Context) {
    live(ctx, 0).await;
}

async fn live_of<T, const MARK: u64>(ctx: Context) {
    live(ctx, MARK).await;
}

async fn live_for(ctx: Context, mark: u64, span: Duration) {
    saw(format!("{} has {span:?}", ctx.runtime_name()));
    live(ctx, mark).await;
}

type Boxed = Pin<Box<dyn Future<Output = ()> + Send>>;

fn boxed(mark: u64) -> impl Fn(Context) -> Boxed {
    move |ctx| Box::pin(live(ctx, mark))
}

struct Life<T, U>(Boxed, PhantomData<fn() -> (T, U)>);

impl<T, U> Life<T, U> {
    fn of(ctx: Context, mark: u64) -> Self {
        Self(Box::pin(live(ctx, mark)), PhantomData)
    }
}

impl<T, U> Future for Life<T, U> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<()> {
        self.0.as_mut().poll(cx)
    }
}

async fn up(ctx: Context, notify: NotifyStart, mark: u64) {
    notify.ready();
    live(ctx, mark).await;
}

async fn up_of<T, const MARK: u64>(ctx: Context, notify: NotifyStart) {
    up(ctx, notify, MARK).await;
}

/// Used up by its one life.
struct Owned(u64);

impl Owned {
    async fn live(self, ctx: Context) {
        live(ctx, self.0).await;
    }
}

fn sit(ctx: ThreadContext, mark: u64) {
    begun(ctx.context(), mark);
    ctx.stopped();
}

fn sit_up(ctx: ThreadContext, notify: NotifyStart, mark: u64) {
    notify.ready();
    sit(ctx, mark);
}

async fn live_locally(ctx: Context, mark: u64) {
    let mark = Rc::new(mark);
    live(ctx, *mark).await;
    drop(mark);
}

async fn forever(mark: u64) {
    saw(format!("one is {mark}"));
    std::future::pending().await
}

struct Piece {
    mark: u64,
}

impl Piece {
    fn of<T, U>(mark: u64) -> Self {
        Self { mark }
    }
}

impl Component for Piece {
    async fn run(&self, ctx: Context) -> Result<(), BoxError> {
        live(ctx, self.mark).await;
        Ok(())
    }

    fn name(&self) -> String {
        format!("piece-{}", self.mark)
    }
}

async fn session(ctx: BranchContext, mark: u64) {
    begun(&ctx, mark);
    ctx.stopped().await;
}

async fn session_up(ctx: BranchContext, notify: NotifyStart, mark: u64) {
    notify.ready();
    session(ctx, mark).await;
}

async fn told(ctx: Context, ended: ExitReason, mark: u64) {
    saw(format!("{} {ended} by {mark}", ctx.runtime_name()));
}

fn worker(name: &str, mark: u64) -> Worker {
    Worker::new(name, move |ctx| live(ctx, mark))
}

fn standing(mark: u64) -> Supervisor {
    Supervisor::new(format!("standing-{mark}")).child(worker("own", mark))
}

fn workers<T, const MANY: usize>(name: &str, mark: u64) -> Vec<Worker> {
    let name = |at| format!("{name}-{at}");
    (0..MANY).map(|at| worker(&name(at), mark)).collect()
}

/// Starts a tree, stops it, and gives what was seen meanwhile: in any order, since threads have none.
async fn lived(tree: Supervisor) -> Vec<String> {
    let tree = tree.start().await.expect("it can be started");
    tree.settled().await.expect("it runs");
    assert!(tree.shutdown().await.is_orderly());
    let mut seen = std::mem::take(&mut *SEEN.lock().unwrap());
    seen.sort();
    seen
}

/// Ends the program when the two are not the same, with the first line that is not.
fn compare(what: &str, written: &str, by_macro: &str, by_hand: &str) {
    let mut lines = by_macro.lines().zip(by_hand.lines()).enumerate();
    if let Some((at, (one, other))) = lines.find(|(_, (one, other))| one != other) {
        panic!("{what}, line {at}: {one:?} by the macro, {other:?} by hand, of\n{written}");
    }
    assert_eq!(by_macro, by_hand, "{what} of\n{written}");
}

async fn twins(written: &str, by_macro: fn(Handle) -> Supervisor, by_hand: fn(Handle) -> Supervisor) {
    let handle = Handle::current();
    let (one, other) = (by_macro(handle.clone()), by_hand(handle));
    compare("it is printed", written, &format!("{one:#?}"), &format!("{other:#?}"));
    // What was spawned for a tree that is not started is aborted with it; what is seen is of one tree at a time.
    drop(other);
    SEEN.lock().unwrap().clear();
    let lives = async {
        let one = lived(one).await;
        (one, lived(by_hand(Handle::current())).await)
    };
    let Ok((one, other)) = tokio::time::timeout(Duration::from_secs(60), lives).await else {
        panic!("it does not start and stop: {written}");
    };
    compare("it lives", written, &one.join("\n"), &other.join("\n"));
}
