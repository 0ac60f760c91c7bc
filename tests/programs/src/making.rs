//! Programs whose root is made by a future.
use crate::{
    made::tree,
    say::{LastWord, say},
};
use regrow::{BoxError, Context, Supervisor, supervision_tree};
use std::{
    error::Error,
    fmt,
    future::pending,
    io,
    rc::Rc,
    sync::{
        Arc,
        mpsc::{self, Sender},
    },
    thread,
    time::Duration,
};
use tokio::{
    io::AsyncWriteExt,
    net::TcpListener,
    runtime::{Handle, RuntimeFlavor},
    task::{block_in_place, spawn_blocking, yield_now},
    time::sleep,
};

/// An error with what it came from.
#[derive(Debug)]
struct Failed(&'static str, Option<Box<Self>>);

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Error for Failed {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.1.as_deref().map(|cause| cause as _)
    }
}

/// The cause in the middle is told by the error itself.
#[regrow::main]
pub(crate) async fn fails() -> Result<Supervisor, BoxError> {
    yield_now().await;
    let deepest = Failed("the cable is out", None);
    let deeper = Failed("no database", Some(Box::new(deepest)));
    Err(Failed("the shop cannot open: no database", Some(Box::new(deeper))).into())
}

#[regrow::main]
pub(crate) async fn waits() -> Supervisor {
    let _last = LastWord("the making was dropped");
    say("it is made");
    pending().await
}

/// While it waits, tasks of its own have taken all threads of the runtime.
#[regrow::main]
pub(crate) async fn waits_among_the_busy() -> Supervisor {
    let _last = LastWord("the making was dropped");
    let (begin, begun) = mpsc::channel();
    for _ in 0..Handle::current().metrics().num_workers() {
        let begin = begin.clone();
        tokio::spawn(async move { blocked(&begin) });
    }
    drop(begin);
    let busy = Handle::current().metrics().num_workers();
    assert_eq!(begun.iter().take(busy).count(), busy);
    say("it is made");
    pending().await
}

/// It blocks the main thread for ever.
fn block() -> ! {
    let _last = LastWord("this is never said");
    say("it is made");
    loop {
        thread::park();
    }
}

#[regrow::main]
pub(crate) async fn blocks() -> Supervisor {
    block()
}

#[regrow::main(stop_within = 50ms)]
pub(crate) async fn blocks_for_long() -> Supervisor {
    block()
}

/// It blocks the main thread until somebody has heard a signal, and has made the root in the same breath.
#[cfg(unix)]
#[regrow::main]
pub(crate) async fn blocks_for_a_while() -> io::Result<Supervisor> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut heard = signal(SignalKind::terminate())?;
    let (tell, told) = mpsc::channel();
    tokio::spawn(async move {
        heard.recv().await;
        tell.send(()).expect("the main thread waits");
    });
    say("it is made");
    told.recv().expect("somebody tells");
    say("it has been made");
    Ok(tree())
}

/// A thread of the pool that nobody can stop does not keep the program.
#[regrow::main]
pub(crate) async fn panics() -> Supervisor {
    let _last = LastWord("the making was dropped");
    let (begin, begun) = mpsc::channel();
    drop(spawn_blocking(move || -> () { blocked(&begin) }));
    begun.recv().expect("it begins");
    yield_now().await;
    panic!("out of luck")
}

fn blocked(begin: &Sender<()>) -> ! {
    begin.send(()).expect("the main thread waits");
    loop {
        thread::park();
    }
}

/// What was made for the tree goes on in it: a socket, a task, a clock. All that a runtime of many threads can do can be done.
#[regrow::main(on_up = |_| say("up"))]
pub(crate) async fn serves() -> io::Result<Supervisor> {
    let here = Rc::new("a value that stays on its thread");
    assert_eq!(
        Handle::current().runtime_flavor(),
        RuntimeFlavor::MultiThread
    );
    sleep(Duration::from_millis(1)).await;
    assert_eq!(block_in_place(|| 7), 7);
    assert_eq!(spawn_blocking(|| 8).await?, 8);
    drop(here);

    let alone = TcpListener::bind("127.0.0.1:0").await?;
    say(&format!("the task listens on {}", alone.local_addr()?));
    tokio::spawn(async move {
        sleep(Duration::from_millis(1)).await;
        answer(&alone, "task").await.expect("somebody knocks");
    });

    let socket = Arc::new(TcpListener::bind("127.0.0.1:0").await?);
    say(&format!("the worker listens on {}", socket.local_addr()?));
    Ok(supervision_tree!(Supervisor {
        name: "shop",
        children: [acceptor(socket)],
    }))
}

#[regrow::worker]
async fn acceptor(ctx: Context, socket: Arc<TcpListener>) -> Result<(), BoxError> {
    ctx.until_stopped(answer(&socket, "worker")).await??;
    Ok(())
}

async fn answer(socket: &TcpListener, text: &str) -> io::Result<()> {
    loop {
        let (mut client, _) = socket.accept().await?;
        client.write_all(text.as_bytes()).await?;
    }
}
