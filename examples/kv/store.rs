//! The store: the worker that owns the data and the end of the log.
//!
//! Each life begins with nothing and replays the log, so that whatever ended the life before, its memory is not inherited.
//! It is up when the log is replayed; clients wait meanwhile, in the queue.
//!
//! Between taking asks off the queue and answering them there is no `await`. A life can only be ended where it awaits, by
//! `CRASH` as by its supervisor: so no ask is ever lost half done, and what is answered is in the log. The writing blocks the
//! thread meanwhile; it is a copy into the page cache, most often shorter than handing the asks to another thread and back.

use std::sync::Arc;

use regrow::{BoxError, Context, NotifyStart, Stopped};
use tokio::task;

use crate::{
    data::Table,
    freed::FreedAside,
    group::Group,
    log::{LogError, Replay, Tail},
    queue::Ask,
    server::Server,
};

/// How many asks are done at once, at most.
const GROUP: usize = 256;

/// A life of the store.
pub(crate) async fn serve(
    context: Context,
    up: NotifyStart,
    server: Arc<Server>,
) -> Result<(), BoxError> {
    if server.failure().is_some() {
        // The tree stops already: there is nothing to begin.
        context.stopped().await;
        return Err(Stopped.into());
    }
    let (table, tail) = match context.until_stopped(replay(&server)).await? {
        Ok(replayed) => replayed,
        Err(error) => {
            // At the first start the tree does not come up; later, nothing that begins anew mends it.
            if error.is_final() && server.was_up() {
                server.queue.close().await;
                server.fail(&context, error.to_string());
            }
            return Err(error.into());
        }
    };
    let mut group = Group::new(table, tail, Arc::clone(&server.status));
    let mut asks = context.until_stopped(server.queue.take_over()).await?;
    up.ready();
    server.is_up();
    let mut exposed = server.faults.expose(context.clone());
    let mut taken: Vec<Ask> = Vec::new();
    loop {
        match exposed.rest(asks.recv_many(&mut taken, GROUP)).await {
            Ok(_) => group.settle(taken.drain(..))?,
            Err(end) if end.is::<Stopped>() => return last_flush(&group, &context, &server),
            Err(fault) => return Err(fault),
        }
    }
}

/// Whoever asks has stopped before: what was answered is all there is, and now it outlives a loss of power too.
fn last_flush(group: &Group, context: &Context, server: &Server) -> Result<(), BoxError> {
    let why = match group.flush() {
        Err(error) => error.to_string(),
        Ok(()) if server.status.facts().is_suspect() => "an earlier flush failed".into(),
        Ok(()) => return Ok(()),
    };
    let told = format!("the log may not outlive a loss of power: {why}");
    server.fail(context, told.clone());
    Err(told.into())
}

/// Reads the log from its beginning. After each frame it lets others run, and itself be stopped.
async fn replay(server: &Server) -> Result<(FreedAside<Table>, Tail), LogError> {
    let directory = &server.directory;
    let _alone = directory.alone().await;
    let mut replay = Replay::all(directory)?;
    let mut table = FreedAside::new(Table::default());
    while replay.step(&mut table)? {
        task::yield_now().await;
    }
    let tail = Tail::after(&replay, directory, &server.status, server.settings.fsync)?;
    Ok((table, tail))
}
