//! Sentences of `docs/semantics.md` that no case of the catalogues shows. Each story names its sentences.

use std::future::{pending, ready};
use std::time::Duration;

use regrow::{
    Backoff, Change, ChildState, Context, DynamicSupervisor, ExitReason, LookupError, Restart,
    RootExit, StartChildError, StartError, StartFailure, Strategy, Supervisor, SupervisorRef,
    Worker,
};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep};

use crate::puppet::{Act, Puppet};
use crate::story::{Events, HOUR, SECOND, Story, bounded, counts, root, says, states};

/// 2.4
async fn ordinals_are_never_given_twice() {
    let root = root().child(DynamicSupervisor::new("d"));
    let mut story = Story::start(root, "+d +.").await;
    let d = story.dynamic("d").unwrap();
    let template = Puppet::new("template").worker().build().unwrap();
    let mut names = Vec::new();
    for _ in 0..3 {
        let child = d.start_numbered(&template).await.unwrap();
        let name = child.name().to_string();
        assert_eq!(child.runtime_name(), format!("root/d/{name}").as_str());
        d.terminate_child(&name).await.unwrap();
        story.told(&format!("+d/{name} -d/{name}")).await;
        assert!(!names.contains(&name), "{names:?} {name}");
        names.push(name);
    }
    story.stops_cleanly("-d -.").await;
}

/// 2.5
async fn code_inside_a_life_knows_where_it_is() {
    let (tell, told) = oneshot::channel();
    let here = || Context::current().map(|context| context.runtime_name().to_string());
    let worker = Worker::once("w", move |context| async move {
        let inside = here();
        tokio::task::yield_now().await;
        let outside = tokio::spawn(async move { here() }).await.unwrap();
        tell.send((inside, here(), outside)).unwrap();
        context.stopped().await;
    });
    let root = root().child(Supervisor::new("sub").child(worker));
    let story = Story::start(root, "+sub/w +sub +.").await;
    let inside = Some("root/sub/w".to_owned());
    assert_eq!(bounded(told).await.unwrap(), (inside.clone(), inside, None));
    assert!(Context::current().is_none());
    story.stops_cleanly("-sub/w -sub -.").await;
}

/// 2.7
async fn paths_are_relative_and_a_full_one_goes_at_the_root() {
    let acceptor = Puppet::new("acceptor");
    let web = Supervisor::new("web")
        .child(acceptor.worker())
        .child(DynamicSupervisor::new("d"));
    let story = Story::start(root().child(web), "+web/acceptor +web/d +web +.").await;
    for path in ["web/acceptor", "root/web/acceptor"] {
        let found = story.child(path).unwrap();
        assert_eq!(found.runtime_name(), "root/web/acceptor");
    }
    let web = story.supervisor("web").unwrap();
    assert_eq!(web.runtime_name(), "root/web");
    assert!(web.child("acceptor").is_ok());
    for path in ["root/web/acceptor", "web/acceptor", "nobody", "acceptor/x"] {
        let error = web.child(path).unwrap_err();
        let is_worker = matches!(error, LookupError::NotASupervisor { .. });
        assert_eq!(is_worker, path == "acceptor/x", "{error:?}");
    }
    assert!(web.supervisor("acceptor").is_err());
    assert!(web.supervisor("d").is_err() && web.dynamic("d").is_ok());
    assert!(story.dynamic("web").is_err());
    story.stops_cleanly("-web/d -web/acceptor -web -.").await;
}

/// 3.3
async fn start_failures_can_be_told_apart() {
    let mut story = Story::start(root(), "+.").await;
    let failure = async |worker: Worker| match story.start_child(worker).await {
        Err(StartChildError::Failed { cause, .. }) => cause,
        other => panic!("{other:?}"),
    };
    let failed = Worker::with_notify_start("a", |_, notify| async { notify.failed("x") });
    assert!(matches!(failure(failed).await, StartFailure::Failed(_)));
    let returned = Worker::with_notify_start("b", |_, notify| async move {
        let _kept = notify;
    });
    assert!(matches!(failure(returned).await, StartFailure::Returned));
    let panicked = Worker::with_notify_start("c", |_, _| -> std::future::Ready<()> { panic!("x") });
    assert!(matches!(failure(panicked).await, StartFailure::Panicked(_)));
    let dropped = Worker::with_notify_start("e", |context, notify| async move {
        drop(notify);
        context.stopped().await;
    });
    assert!(matches!(
        failure(dropped).await,
        StartFailure::NotifierDropped
    ));
    let late = Puppet::new("f")
        .asking()
        .worker()
        .start_timeout(SECOND / 100);
    assert!(matches!(failure(late).await, StartFailure::TimedOut(_)));
    story.told("xa xb xc xe xf").await;
    assert_eq!(counts(&story), [0, 0, 0, 0]);
    story.stops_cleanly("-.").await;
}

/// 3.4
async fn a_body_that_failed_to_start_is_brought_down() {
    let mut story = Story::start(root(), "+.").await;
    let cleans = Worker::with_notify_start("cleans", |context, notify| async move {
        notify.failed("first");
        context.stopped().await;
        sleep(SECOND).await;
    });
    let hangs = Worker::with_notify_start("hangs", |_, notify| async move {
        notify.failed("second");
        pending::<()>().await;
    });
    for (worker, seconds, cause) in [(cleans, 1, "first"), (hangs, 5, "second")] {
        let began = Instant::now();
        let error = story.start_child(worker).await.unwrap_err();
        assert!(says(&error, cause), "{error:?}");
        assert_eq!(began.elapsed(), seconds * SECOND);
    }
    story.told("xcleans xhangs").await;
    story.stops_cleanly("-.").await;
}

/// A first start that is held up by its last child, which asks.
struct HeldUp {
    first: Puppet,
    last: Puppet,
    root: SupervisorRef,
    events: Events,
    starting: tokio::task::JoinHandle<Result<regrow::Tree, StartError>>,
}

async fn held_up() -> HeldUp {
    let (first, last) = (Puppet::new("first"), Puppet::new("last").asking());
    let (give, given) = oneshot::channel();
    let guide = Worker::once("guide", move |context| async move {
        assert!(give.send(SupervisorRef::root_of(&context)).is_ok());
        context.stopped().await;
    });
    let root = root()
        .child(guide)
        .child(first.worker())
        .child(last.worker());
    let (observer, observed) = oneshot::channel();
    let starting = tokio::spawn(root.start_observed(|events| {
        assert!(observer.send(Events::new(events)).is_ok());
    }));
    let mut events = observed.await.unwrap();
    events.told("+guide +first").await;
    last.asked().await;
    HeldUp {
        first,
        last,
        root: given.await.unwrap(),
        events,
        starting,
    }
}

impl HeldUp {
    async fn end(self) -> Result<RootExit, StartError> {
        match bounded(self.starting).await.unwrap() {
            Ok(tree) => Ok(bounded(tree.shutdown()).await),
            Err(error) => Err(error),
        }
    }
}

/// 5.3
async fn an_end_during_the_first_start_is_dealt_with_after_it() {
    let mut story = held_up().await;
    story.first.fails();
    let child = story.root.child("first").unwrap();
    bounded(async {
        while story.first.alive() > 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    story.last.tell(Act::Complete);
    story.events.told("+last +. !first +first").await;
    assert_eq!(child.restarts(), 1);
    assert!(story.end().await.unwrap().is_orderly());

    // If the start fails it is part of that failure.
    let mut story = held_up().await;
    story.first.fails();
    bounded(async {
        while story.first.alive() > 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    story.last.tell(Act::Fail);
    story.events.told("xlast !first -guide x.").await;
    assert!(story.end().await.is_err());
}

/// 5.4
async fn a_shutdown_during_the_first_start() {
    let mut story = held_up().await;
    story.root.shutdown();
    story.events.told("-last -first -guide -.").await;
    let error = story.end().await.unwrap_err();
    assert!(matches!(error, StartError::Stopped { .. }), "{error:?}");
}

/// 5.5
async fn start_child_during_the_first_start() {
    let mut story = held_up().await;
    let added = Puppet::new("added");
    story.root.start_child(added.worker()).await.unwrap();
    let standing = states(&story.root.children());
    assert_eq!(standing, "guide Up, first Up, last Starting, added Up");
    story.last.tell(Act::Complete);
    story.events.told("+added +last +.").await;
    assert!(story.end().await.unwrap().is_orderly());
}

/// 6.1
async fn a_supervisor_never_goes_deaf() {
    let slow = Puppet::new("slow").cleaning(4 * SECOND);
    let mut story = Story::start(root().child(slow.worker()), "+slow +.").await;
    let began = Instant::now();
    let supervisor = story.clone();
    let stopping = tokio::spawn(async move { supervisor.terminate_child("slow").await });
    while story.child("slow").unwrap().state() != ChildState::Stopping {
        tokio::task::yield_now().await;
    }
    let quick = Puppet::new("quick");
    story.start_child(quick.worker()).await.unwrap();
    story.terminate_child("quick").await.unwrap();
    assert_eq!(began.elapsed(), Duration::ZERO);
    stopping.await.unwrap().unwrap();
    assert_eq!(began.elapsed(), 4 * SECOND);
    story.told("+quick -quick -slow").await;
    story.stops_cleanly("-.").await;
}

/// 10.1 to 10.4
async fn a_deadline_is_kept_on_every_level() {
    let [a, b] = ["a", "b"].map(Puppet::new);
    let hangs = Puppet::new("hangs");
    let spec = hangs.worker().shutdown(regrow::Shutdown::Indefinitely);
    let sub = Supervisor::new("sub")
        .child(b.worker())
        .child(Supervisor::new("leaf").child(spec));
    let root = root().child(a.worker()).child(sub);
    let story = Story::start(root, "+a +sub/b +sub/leaf/hangs +sub/leaf +sub +.").await;
    hangs.hangs().await;
    let began = Instant::now();
    let (tree, events) = story.into_parts();
    let exit = tree.shutdown_within(SECOND).await;
    assert_eq!(began.elapsed(), SECOND);
    events
        .told_last("{!a !sub/b !sub/leaf/hangs !sub/leaf} !sub !.")
        .await;
    assert_eq!([a.alive(), b.alive(), hangs.alive()], [0, 0, 0]);
    // The three that were killed, and the two supervisors that ended so for it (11.1).
    assert_eq!(exit.report().troubled().len(), 5);
    assert_eq!(exit.exit_code(), 0);
}

/// 12.5
async fn a_dynamic_supervisor_keeps_no_row_without_a_life() {
    let root = root().child(DynamicSupervisor::new("d"));
    let mut story = Story::start(root, "+d +.").await;
    let d = story.dynamic("d").unwrap();
    let c = Puppet::new("c");
    for _ in 0..2 {
        let spec = c.worker().restart(Restart::Transient);
        d.start_child(spec).await.unwrap();
        c.completes();
        story.told("+d/c ~d/c").await;
    }
    story.stops_cleanly("-d -.").await;
}

/// 13.4
async fn what_the_user_does_does_not_count() {
    let c = Puppet::new("c").failing_later();
    let x = Puppet::new("x");
    let root = root()
        .tolerance((0, HOUR))
        .child(c.worker())
        .child(x.worker());
    let mut story = Story::start(root, "+c +x +.").await;
    story.terminate_child("c").await.unwrap();
    story.told("-c").await;
    for _ in 0..5 {
        assert!(story.restart_child("c").await.is_err());
        story.terminate_child("x").await.unwrap();
        story.restart_child("x").await.unwrap();
        story.told("xc -x +x").await;
    }
    // A kill is a crash.
    story.kill("x").unwrap();
    story.ends("!x !.").await;
}

/// 15.3
async fn a_group_waits_for_the_last_end_and_the_backoff() {
    for (clean_up, wait, expected) in [(3, 1, 3), (1, 3, 3), (0, 2, 2)] {
        let (a, b) = (
            Puppet::new("a"),
            Puppet::new("b").cleaning(clean_up * SECOND),
        );
        let backoff = Backoff::constant(wait * SECOND);
        let root = root()
            .strategy(Strategy::OneForAll)
            .child(a.worker().backoff(backoff))
            .child(b.worker());
        let mut story = Story::start(root, "+a +b +.").await;
        let began = Instant::now();
        a.fails();
        story.told("!a -b").await;
        assert_eq!(began.elapsed(), clean_up * SECOND);
        story.told("+a +b").await;
        assert_eq!(began.elapsed(), expected * SECOND);
        story.stops_cleanly("-b -a -.").await;
    }
}

/// 15.7 and 15.8
async fn requests_during_a_group_restart() {
    let [a, b] = ["a", "b"].map(Puppet::new);
    let (c, z) = (Puppet::new("c").cleaning(SECOND), Puppet::new("z"));
    let root = root()
        .strategy(Strategy::OneForAll)
        .children([&a, &b, &c].map(Puppet::worker));
    let mut story = Story::start(root, "+a +b +c +.").await;
    a.fails();
    story.told("!a").await;
    let (added, taken_out) =
        tokio::join!(story.start_child(z.worker()), story.terminate_child("b"));
    added.unwrap();
    taken_out.unwrap();
    story.told("-c -b +a +c +z").await;
    assert_eq!(states(&story.children()), "a Up, b Down, c Up, z Up");
    story.stops_cleanly("-z -c -a -.").await;
}

/// 16.5
async fn a_backoff_that_outlasts_the_window_is_warned_of() {
    for (seconds, warned) in [(1, 0), (10, 1)] {
        let c = Puppet::new("c").worker();
        let spec = c.backoff(Backoff::constant(seconds * SECOND));
        let root = Supervisor::new("root").child(spec);
        let (observer, observed) = oneshot::channel();
        let observe = |events| assert!(observer.send(Events::new(events)).is_ok());
        let tree = root.start_observed(observe).await.unwrap();
        let mut events = observed.await.unwrap();
        drop(tree);
        let mut warnings = 0;
        while let Some(event) = events.next().await {
            warnings += usize::from(matches!(event.change, Change::Warning(_)));
        }
        assert_eq!(warnings, warned);
    }
}

/// 18.1
async fn a_panic_is_reported_with_its_place() {
    let c = Puppet::new("c");
    let mut story = Story::start(root().child(c.worker()), "+c +.").await;
    c.tell(Act::Panic);
    let end = story.next_signed().await;
    let Change::Failed(ExitReason::Panicked(panic)) = &end.change else {
        panic!("{end:?}");
    };
    assert_eq!(panic.message(), "died");
    let place = panic
        .location()
        .map(ToString::to_string)
        .unwrap_or_default();
    assert!(place.contains("puppet.rs"), "{place:?}");
    story.told("+c").await;
    story.stops_cleanly("-c -.").await;
}

/// 21.2 and 22.1
async fn a_detached_tree_runs_on_and_tells_all_who_wait() {
    let c = Puppet::new("c");
    let story = Story::start(root().child(c.worker()), "+c +.").await;
    let reference = SupervisorRef::clone(&story);
    let (tree, events) = story.into_parts();
    reference.shutdown();
    let (one, two) = bounded(async { tokio::join!(tree.wait(), tree.wait()) }).await;
    assert!(one.is_orderly() && two.is_orderly());
    assert!(bounded(tree.wait()).await.is_orderly());
    events.told_last("-c -.").await;

    let story = Story::start(root().child(c.worker()), "+c +.").await;
    let reference = SupervisorRef::clone(&story);
    let (tree, mut events) = story.into_parts();
    tree.detach();
    c.fails();
    events.told("!c +c").await;
    reference.shutdown();
    events.told_last("-c -.").await;
}

/// 23.1
async fn a_life_may_ask_for_its_own_end() {
    let (tell, told) = oneshot::channel();
    let c = Worker::once("c", move |context| async move {
        let supervisor = SupervisorRef::parent_of(&context);
        let answer = supervisor.terminate_child("c").await;
        tell.send((answer.is_ok(), context.is_stopping())).unwrap();
        context.stopped().await;
    });
    let mut story = Story::start(
        root().child(Supervisor::new("sub").child(c)),
        "+sub/c +sub +.",
    )
    .await;
    assert!(bounded(told).await.unwrap().0);
    story.told("-sub/c").await;

    // Of an ancestor, too.
    let sub = story.supervisor("sub").unwrap();
    let root = SupervisorRef::clone(&story);
    let e = Worker::once("e", move |context| async move {
        root.terminate_child("sub").await.unwrap();
        context.stopped().await;
    });
    sub.start_child(e).await.unwrap();
    story.told("+sub/e -sub/e -sub").await;
    story.stops_cleanly("-.").await;
}

/// 24.1
async fn a_request_that_is_dropped_in_time_did_not_happen() {
    let story = Story::start(root(), "+.").await;
    let c = Puppet::new("c");
    tokio::select! {
        biased;
        _ = story.start_child(c.worker()) => panic!("nobody answered yet"),
        () = ready(()) => {}
    }
    assert!(story.start_child(Puppet::new("e").worker()).await.is_ok());
    assert_eq!(c.begun(), 0);
    story.stops_cleanly("+e -e -.").await;
}

/// 24.1 and 24.2
async fn a_request_that_is_dropped_later_goes_on() {
    let mut story = Story::start(root(), "+.").await;
    let c = Puppet::new("c").asking();
    let spec = c.worker().build().unwrap();
    tokio::select! {
        biased;
        _ = story.start_child(&spec) => panic!("it is not up yet"),
        () = c.asked() => {}
    }
    c.tell(Act::Complete);
    story.told("+c").await;
    let again = story.start_child(&spec).await;
    let Err(StartChildError::AlreadyStarted { child, .. }) = again else {
        panic!("{again:?}");
    };
    assert_eq!(child.runtime_name(), "root/c");
    story.stops_cleanly("-c -.").await;
}

/// 26.1 and 26.4
async fn one_sequence_without_a_gap() {
    let c = Puppet::new("c");
    let sub = Supervisor::new("sub").child(c.worker());
    let mut story = Story::start(root().child(sub), "+sub/c +sub +.").await;
    c.fails();
    story.told("!sub/c +sub/c").await;
    let mut late = story.subscribe();
    assert_eq!(late.snapshot().children.len(), 1);
    let (tree, mut events) = story.into_parts();
    drop(tree);
    let mut last = None;
    while let Some(event) = events.next().await {
        if let Some(before) = last {
            assert_eq!(event.sequence, before + 1);
        }
        last = Some(event.sequence);
    }
    let mut also = None;
    while let Some(event) = bounded(late.next()).await {
        also = Some(event.unwrap().sequence);
    }
    assert_eq!(also, last);
}

/// 26.5
async fn a_slow_subscriber_is_told_what_it_missed() {
    let c = Puppet::new("c");
    let root = Supervisor::new("root")
        .tolerance((1000, HOUR))
        .event_capacity(8)
        .child(c.worker());
    let tree = root.start().await.unwrap();
    let mut slow = tree.subscribe();
    let (mut quick, mut seen) = (tree.subscribe(), 0);
    for _ in 0..50 {
        c.fails();
        loop {
            let event = bounded(quick.next()).await.unwrap().unwrap();
            seen += 1;
            if matches!(event.change, Change::Started) {
                break;
            }
        }
    }
    let missed = bounded(slow.next()).await.unwrap().unwrap_err().events;
    let mut read = 0;
    while missed + read < seen {
        bounded(slow.next()).await.unwrap().unwrap();
        read += 1;
    }
    assert!(missed > 0 && read >= 8, "{missed} missed, {read} read");
    assert!(bounded(tree.shutdown()).await.is_orderly());
}

stories! {
    both:
        ordinals_are_never_given_twice,
        code_inside_a_life_knows_where_it_is,
        paths_are_relative_and_a_full_one_goes_at_the_root,
        start_failures_can_be_told_apart,
        an_end_during_the_first_start_is_dealt_with_after_it,
        a_shutdown_during_the_first_start,
        start_child_during_the_first_start,
        a_dynamic_supervisor_keeps_no_row_without_a_life,
        what_the_user_does_does_not_count,
        a_backoff_that_outlasts_the_window_is_warned_of,
        a_panic_is_reported_with_its_place,
        a_detached_tree_runs_on_and_tells_all_who_wait,
        a_life_may_ask_for_its_own_end,
        a_request_that_is_dropped_later_goes_on,
        one_sequence_without_a_gap,
        a_slow_subscriber_is_told_what_it_missed;
    paused:
        a_body_that_failed_to_start_is_brought_down,
        a_supervisor_never_goes_deaf,
        a_deadline_is_kept_on_every_level,
        a_group_waits_for_the_last_end_and_the_backoff,
        requests_during_a_group_restart,
        a_request_that_is_dropped_in_time_did_not_happen;
}
