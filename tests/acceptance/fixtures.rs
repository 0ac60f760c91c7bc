//! Children of capataz' suites, its tolerance, and what its cases say again and again.

use std::sync::Arc;
use std::time::Duration;

use regrow::{BoxError, Change, Context, ExitReason, Stopped, SupervisorFailure, Worker};
use tokio::sync::{Mutex, mpsc};

use crate::puppet::Puppet;
use crate::story::Story;

/// The tolerance that capataz has by default.
pub(crate) const ONE_IN_FIVE: (u32, Duration) = (1, Duration::from_secs(5));

/// Most of its cases with another one have this.
pub(crate) const TWO_IN_TEN: (u32, Duration) = (2, Duration::from_secs(10));

/// Waits for its stop.
pub(crate) fn idle(name: &str) -> Worker {
    Puppet::new(name).worker()
}

/// Fails to start, as `FailStartWorker` with its name.
pub(crate) fn fail_start(name: &str) -> Worker {
    let words = format!("FailStartWorker {name}");
    Worker::with_notify_start(name, move |_, notify| {
        let words = words.clone();
        async move { notify.failed(words) }
    })
}

/// Waits for its stop, and fails in it.
pub(crate) fn fail_stop(name: &str, words: &'static str) -> Worker {
    Worker::new(name, move |context: Context| async move {
        context.stopped().await;
        Err::<(), _>(words)
    })
}

/// A worker that fails with words of the story's choice, over all its lives.
pub(crate) fn outspoken(name: &str) -> (Worker, mpsc::UnboundedSender<&'static str>) {
    let (say, heard) = mpsc::unbounded_channel::<&str>();
    let heard = Arc::new(Mutex::new(heard));
    let worker = Worker::new(name, move |context: Context| {
        let heard = heard.clone();
        async move {
            let mut heard = heard.lock().await;
            match context.until_stopped(heard.recv()).await {
                Ok(words) => Err::<(), BoxError>(words.expect("the story goes on").into()),
                Err(Stopped) => Err(Stopped.into()),
            }
        }
    });
    (worker, say)
}

/// `signs`, each of a child of `path`: `+a -b` below `s` is `+s/a -s/b`.
pub(crate) fn below(path: &str, signs: &str) -> String {
    let words = signs.split_whitespace().map(|word| {
        let (sign, name) = word.split_at(1);
        format!("{sign}{path}/{name}")
    });
    words.collect::<Vec<_>>().join(" ")
}

/// What child1 of `s` fails with, one after another.
pub(crate) const FAILING_CHILD: [&str; 3] = [
    "failing child (1 out of 3)",
    "failing child (2 out of 3)",
    "failing child (3 out of 3)",
];

/// `s`, which bears two in ten seconds, ends for the third failure of its child1, and tells why.
pub(crate) async fn s_gives_up(story: &mut Story) {
    let end = story.next_signed().await;
    assert_eq!(end.runtime_name.to_string(), "root/s");
    let Change::Failed(ExitReason::Failed(error)) = &end.change else {
        panic!("{end:?}");
    };
    let Some(SupervisorFailure::GaveUp(why)) = error.find() else {
        panic!("{error:?}");
    };
    assert_eq!(why.child.to_string(), "root/s/child1");
    assert_eq!(why.tolerance, TWO_IN_TEN.into());
    assert!(why.first.to_string().contains(FAILING_CHILD[0]), "{why}");
    assert!(why.last.to_string().contains(FAILING_CHILD[2]), "{why}");
}
