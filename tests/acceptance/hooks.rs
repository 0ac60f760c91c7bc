//! What a worker has called when a body of it has ended.

use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use regrow::{
    BoxError, Change, Context, ExitReason, Hook, HookFailure, NotifyStart, Restart,
    StartChildError, StartFailure, TerminateChildError, Worker,
};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep};

use crate::puppet::{Act, Puppet};
use crate::story::{SECOND, Story, bounded, root, says};

/// The hooks that were called, each with what it was given.
#[derive(Clone, Default)]
struct Book(Arc<Mutex<Vec<String>>>);

impl Book {
    /// The worker, with all of its hooks written down.
    fn of(&self, worker: Worker) -> Worker {
        let [one, two, three] = [(); 3].map(|()| self.clone());
        worker
            .on_completion(move |ctx, ended| one.write("on_completion", &ctx, &ended))
            .on_failure(move |ctx, ended| two.write("on_failure", &ctx, &ended))
            .on_termination(move |ctx, ended| three.write("on_termination", &ctx, &ended))
    }

    fn write(&self, hook: &str, ctx: &Context, ended: &ExitReason) -> std::future::Ready<()> {
        let called = format!("{hook} of {}: {ended}", ctx.runtime_name());
        self.0.lock().unwrap().push(called);
        std::future::ready(())
    }

    fn read(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

/// A temporary worker of this puppet.
fn temporary(w: &Puppet) -> Worker {
    w.worker().restart(Restart::Temporary)
}

/// Which hooks a temporary worker calls that does this by itself; `told` of its end.
async fn called_after(act: Act, told: &str) -> Vec<String> {
    let (w, book) = (Puppet::new("w"), Book::default());
    let mut story = Story::start(root().child(book.of(temporary(&w))), "+w +.").await;
    w.tell(act);
    story.told(told).await;
    let called = book.read();
    story.stops_cleanly("-.").await;
    assert_eq!(book.read(), called);
    called
}

/// How a worker ended whose hook failed: of its failure event, or of its stop.
fn failed_in(reason: &ExitReason, hook: Hook) -> &HookFailure {
    match reason {
        ExitReason::HookFailed(failure) if failure.hook == hook => failure,
        other => panic!("{other:?}"),
    }
}

/// The next event, the failure of a worker.
async fn next_failure(story: &mut Story) -> ExitReason {
    let event = story.next_signed().await;
    match event.change {
        Change::Failed(reason) => reason,
        other => panic!("{other:?}"),
    }
}

async fn cap_205_208_215_failure() {
    let called = called_after(Act::Fail, "!w").await;
    assert_eq!(called, ["on_failure of root/w: failed: died"]);
    let called = called_after(Act::Panic, "!w").await;
    assert!(called[0].starts_with("on_failure of root/w: panicked: died"));
    assert_eq!(called.len(), 1);
}

async fn cap_214_completion() {
    let called = called_after(Act::Complete, "~w").await;
    assert_eq!(called, ["on_completion of root/w: completed"]);
    let called = called_after(Act::Stop, "~w").await;
    assert_eq!(called, ["on_completion of root/w: stopped"]);
}

async fn cap_210_213_termination() {
    let (w, book) = (Puppet::new("w"), Book::default());
    let mut story = Story::start(root().child(book.of(w.worker())), "+w +.").await;
    story.terminate_child("w").await.unwrap();
    story.told("-w").await;
    assert_eq!(book.read(), ["on_termination of root/w: stopped"]);
    story.stops_cleanly("-.").await;
    assert_eq!(book.read().len(), 1);
}

async fn cap_207_hook_of_a_completion_fails() {
    let w = Puppet::new("w");
    let worker = temporary(&w).on_completion(|_, _| async { Err::<(), _>("no ink") });
    let mut story = Story::start(root().child(worker), "+w +.").await;
    w.completes();
    let reason = next_failure(&mut story).await;
    let failure = failed_in(&reason, Hook::Completion);
    assert!(matches!(failure.ended, ExitReason::Completed));
    assert!(says(failure, "no ink"), "{failure}");
    assert_eq!(
        reason.to_string(),
        "its hook on_completion failed: no ink (after the body completed)"
    );
    story.stops_cleanly("-.").await;
}

async fn cap_211_hook_of_a_failure_fails() {
    let w = Puppet::new("w");
    let worker = temporary(&w).on_failure(|_, _| async { Err::<(), _>("no ink") });
    let mut story = Story::start(root().child(worker), "+w +.").await;
    w.fails();
    let reason = next_failure(&mut story).await;
    let failure = failed_in(&reason, Hook::Failure);
    // What the body failed with is not lost.
    assert_eq!(failure.ended.to_string(), "failed: died");
    assert_eq!(failure.cause.to_string(), "failed: no ink");
    story.stops_cleanly("-.").await;
}

async fn cap_216_hook_of_a_termination_fails() {
    let worker = Puppet::new("w").worker();
    let worker = worker.on_termination(|_, _| async { Err::<(), _>("no ink") });
    let mut story = Story::start(root().child(worker), "+w +.").await;
    let Err(TerminateChildError::StopFailed { reason, .. }) = story.terminate_child("w").await
    else {
        panic!("it stops cleanly");
    };
    story.told("!w").await;
    let failure = failed_in(&reason, Hook::Termination);
    assert!(matches!(failure.ended, ExitReason::Stopped));
    story.stops_cleanly("-.").await;
}

async fn cap_212_hook_of_a_termination_never_ends() {
    let worker = Puppet::new("w").worker().shutdown(Duration::from_millis(1));
    let worker = worker.on_termination(|_, _| pending::<()>());
    let story = Story::start(root().child(worker), "+w +.").await;
    let began = Instant::now();
    let exit = story.stops("!w !.").await;
    assert_eq!(began.elapsed(), Duration::from_millis(1));
    let [troubled] = exit.report().troubled() else {
        panic!("{exit}");
    };
    let failure = failed_in(&troubled.reason, Hook::Termination);
    assert!(matches!(failure.cause, ExitReason::Killed), "{failure}");
    assert!(matches!(failure.ended, ExitReason::Stopped), "{failure}");
}

async fn hook_has_what_the_body_left_of_the_shutdown() {
    // The body takes one of three seconds, the hook one more.
    let w = Puppet::new("w").cleaning(SECOND);
    let worker = w.worker().shutdown(3 * SECOND);
    let worker = worker.on_termination(|ctx: Context, _| async move {
        assert!(ctx.is_stopping());
        sleep(SECOND).await;
    });
    let story = Story::start(root().child(worker), "+w +.").await;
    let began = Instant::now();
    story.stops_cleanly("-w -.").await;
    assert_eq!(began.elapsed(), 2 * SECOND);
}

async fn child_is_not_over_before_its_hook_is() {
    let w = Puppet::new("w");
    let (give, given) = oneshot::channel();
    let give = Mutex::new(Some((give, w.clone())));
    let worker = w.worker().on_failure(move |_, _| {
        let (give, w) = give.lock().unwrap().take().expect("it fails once");
        // The body and all that it owned are gone.
        assert_eq!(w.alive(), 0);
        let (end, ended) = oneshot::channel::<()>();
        give.send(end).unwrap();
        async move { drop(ended.await) }
    });
    let mut story = Story::start(root().child(worker), "+w +.").await;
    w.fails();
    let end = bounded(given).await.unwrap();
    let info = story.children().remove(0);
    assert_eq!(info.to_string(), "root/w (up)");
    end.send(()).unwrap();
    story.told("!w +w").await;
    story.stops_cleanly("-w -.").await;
}

async fn hook_panics() {
    let w = Puppet::new("w");
    let worker = temporary(&w)
        .on_completion(|_, _| -> std::future::Ready<()> { panic!("no ink at all") })
        .on_failure(|_, _| async { panic!("no ink") });
    let other = Puppet::new("other").worker();
    let mut story = Story::start(root().child(worker.clone()).child(other), "+w +other +.").await;
    w.fails();
    let reason = next_failure(&mut story).await;
    let failure = failed_in(&reason, Hook::Failure);
    let ExitReason::Panicked(panic) = &failure.cause else {
        panic!("{failure}");
    };
    assert_eq!(panic.message(), "no ink");
    assert!(panic.location().unwrap().contains("hooks.rs"));
    assert_eq!(failure.ended.to_string(), "failed: died");
    story.start_child(worker).await.unwrap();
    story.told("+w").await;
    w.completes();
    let reason = next_failure(&mut story).await;
    let failure = failed_in(&reason, Hook::Completion);
    assert!(failure.to_string().contains("no ink at all"), "{failure}");
    story.stops_cleanly("-other -.").await;
}

async fn killed_life_calls_no_hook() {
    let (w, book) = (Puppet::new("w"), Book::default());
    let mut story = Story::start(root().child(book.of(temporary(&w))), "+w +.").await;
    story.child("w").unwrap().kill();
    let reason = next_failure(&mut story).await;
    assert!(matches!(reason, ExitReason::Killed), "{reason:?}");
    story.stops_cleanly("-.").await;
    assert!(book.read().is_empty());
}

async fn start_that_fails_calls_the_hook_of_its_end() {
    let book = Book::default();
    let silent = |_: Context, notify: NotifyStart| async move {
        drop(notify);
        Err::<(), BoxError>("no start".into())
    };
    let worker = book.of(Worker::with_notify_start("w", silent));
    // A hook that takes its time hides nothing of how the start went.
    let worker = worker.on_failure(|_, _| tokio::task::yield_now());
    let mut story = Story::start(root(), "+.").await;
    let failed = bounded(story.start_child(worker)).await;
    let Err(StartChildError::Failed { cause, .. }) = failed else {
        panic!("{failed:?}");
    };
    assert!(
        matches!(&cause, StartFailure::Failed(error) if error.to_string() == "no start"),
        "{cause}"
    );
    let worker = book.of(Worker::with_notify_start("w", silent));
    bounded(story.start_child(worker)).await.unwrap_err();
    assert_eq!(book.read(), ["on_failure of root/w: failed: no start"]);
    story.told("xw xw").await;
    story.stops_cleanly("-.").await;
}

stories! {
    both:
        cap_205_208_215_failure,
        cap_207_hook_of_a_completion_fails,
        cap_210_213_termination,
        cap_211_hook_of_a_failure_fails,
        cap_214_completion,
        cap_216_hook_of_a_termination_fails,
        child_is_not_over_before_its_hook_is,
        hook_panics,
        killed_life_calls_no_hook,
        start_that_fails_calls_the_hook_of_its_end;
    paused:
        cap_212_hook_of_a_termination_never_ends,
        hook_has_what_the_body_left_of_the_shutdown;
}
