//! The body of the worker: listens to its tree, and tells.
use crate::{socket::Socket, status::status};
use regrow_supervisor::{Change, SupervisorRef, TreeEvent};
use regrow_tasks::{ChildState, Context, shielded};
use std::{ffi::OsStr, future::pending, pin::pin, time::Duration};
use tokio::time::{Instant, sleep, sleep_until};
use tracing::{debug, warn};

/// How long it is from one status to the next, at least.
const GAP: Duration = Duration::from_secs(1);

/// One life of the worker.
pub(crate) async fn run(address: Option<&OsStr>, watchdog: Option<Duration>, context: Context) {
    let Some(socket) = connect(address) else {
        return context.stopped().await;
    };
    let root = SupervisorRef::root_of(&context);
    let feeds = pin!(feed(&root, &socket, watchdog));
    let tells = pin!(tell(&root, &socket, &context));
    tokio::select! {
        biased;
        () = tells => {}
        () = feeds => {}
    }
}

fn connect(address: Option<&OsStr>) -> Option<Socket> {
    let Some(address) = address else {
        shielded(
            || debug!(target: "regrow", "no service manager is told: NOTIFY_SOCKET is not set"),
        );
        return None;
    };
    match Socket::connect(address) {
        Ok(socket) => Some(socket),
        Err(error) => {
            shielded(
                || warn!(target: "regrow", ?address, %error, "the service manager cannot be told"),
            );
            None
        }
    }
}

/// Feeds the watchdog, each time that the root has answered.
async fn feed(root: &SupervisorRef, socket: &Socket, watchdog: Option<Duration>) {
    let Some(span) = watchdog else {
        return pending().await;
    };
    loop {
        if root.answers().await {
            socket.send("WATCHDOG=1\n");
        }
        sleep(span / 2).await;
    }
}

/// Tells how the tree stands until this life is asked to stop.
async fn tell(root: &SupervisorRef, socket: &Socket, context: &Context) {
    let name = root.runtime_name();
    let mut events = root.subscribe();
    let mut teller = Teller::new(root, socket);
    teller.sees(Moment::of(events.snapshot().state));
    loop {
        tokio::select! {
            // What was published before this life was asked is told before it ends.
            biased;
            event = events.next() => match event {
                Some(Ok(event)) if event.runtime_name == name => teller.sees(Moment::after(&event)),
                Some(Ok(_)) => teller.is_due = true,
                Some(Err(_)) => teller.sees(Moment::of(root.snapshot().state)),
                None => return,
            },
            () = context.stopped() => return,
            () = sleep_until(teller.next), if teller.is_due => teller.status(""),
        }
    }
}

/// What of the root's life is told by a word of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Moment {
    Other,
    Ready,
    Stopping,
}

impl Moment {
    const fn of(root: ChildState) -> Self {
        match root {
            ChildState::Up => Self::Ready,
            ChildState::Stopping => Self::Stopping,
            _ => Self::Other,
        }
    }

    const fn after(event: &TreeEvent) -> Self {
        match event.change {
            Change::Started => Self::Ready,
            Change::Stopping | Change::GaveUp(_) => Self::Stopping,
            _ => Self::Other,
        }
    }
}

/// What was told last.
struct Teller<'a> {
    root: &'a SupervisorRef,
    socket: &'a Socket,
    moment: Moment,
    status: String,
    /// Something happened since.
    is_due: bool,
    next: Instant,
}

impl<'a> Teller<'a> {
    fn new(root: &'a SupervisorRef, socket: &'a Socket) -> Self {
        Self {
            root,
            socket,
            moment: Moment::Other,
            status: String::new(),
            is_due: true,
            next: Instant::now(),
        }
    }

    /// A root is ready once, and then stops once.
    fn sees(&mut self, moment: Moment) {
        self.is_due = true;
        if moment > self.moment {
            self.moment = moment;
            self.status(match moment {
                Moment::Other => "",
                Moment::Ready => "READY=1\n",
                Moment::Stopping => "STOPPING=1\n",
            });
        }
    }

    /// Tells the status when it has changed, and `word` before it.
    fn status(&mut self, word: &str) {
        let status = status(&self.root.snapshot(), &self.root.health());
        if !word.is_empty() || status != self.status {
            self.socket.send(&format!("{word}STATUS={status}\n"));
            self.status = status;
        }
        self.is_due = false;
        self.next = Instant::now() + GAP;
    }
}
