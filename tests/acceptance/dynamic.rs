//! Dynamic supervisors.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use regrow::{
    Backoff, ChildKind, ChildState, DynamicRef, DynamicSupervisor, ExitReason, Restart, Shutdown,
    StartChildError, Supervisor, TerminateChildError, Worker,
};
use tokio::time::Instant;

use crate::puppet::{Act, Puppet};
use crate::story::{HOUR, SECOND, Story, bounded, parts, repeated, root, says, states};

/// A tree with a dynamic supervisor `d`.
async fn with(d: DynamicSupervisor) -> (Story, DynamicRef) {
    let story = Story::start(root().child(d), "+d +.").await;
    let d = story.dynamic("d").unwrap();
    (story, d)
}

/// `d`, with OTP's 2 restarts in an hour; its parent forgets it when it ends.
fn simple() -> DynamicSupervisor {
    DynamicSupervisor::new("d")
        .tolerance((2, HOUR))
        .restart(Restart::Temporary)
}

/// Starts the puppet under its own name.
async fn play(d: &DynamicRef, puppet: &Puppet) {
    d.start_child(puppet.worker()).await.unwrap();
}

fn is_not_found(answer: &Result<(), TerminateChildError>) -> bool {
    matches!(answer, Err(TerminateChildError::NotFound { .. }))
}

async fn sup_034_035_036_child_adm_simple() {
    let (mut story, d) = with(simple()).await;
    assert!(d.children().is_empty());
    assert_eq!(parts(d.count()), [0, 0, 0, 0]);
    let template = Puppet::new("template").worker().build().unwrap();
    let one = d.start_numbered(&template).await.unwrap();
    assert_eq!(parts(d.count()), [1, 1, 0, 1]);
    let two = d.start_numbered(&template).await.unwrap();
    assert_eq!(parts(d.count()), [2, 2, 0, 2]);
    let (one, two) = (one.name().to_string(), two.name().to_string());
    assert_ne!(one, two);
    story.told(&format!("+d/{one} +d/{two}")).await;
    // The template's own name is nobody's.
    assert!(is_not_found(&d.terminate_child("template").await));
    assert_eq!(parts(d.count()), [2, 2, 0, 2]);
    story
        .stops_cleanly(&format!("{{-d/{one} -d/{two}}} -d -."))
        .await;
}

async fn sup_037_child_adm_simple() {
    let (mut story, d) = with(simple()).await;
    let [one, two] = ["one", "two"].map(Puppet::new);
    play(&d, &one).await;
    play(&d, &two).await;
    d.terminate_child("one").await.unwrap();
    story.told("+d/one +d/two -d/one").await;
    assert_eq!(one.alive(), 0);
    assert_eq!(parts(d.count()), [1, 1, 0, 1]);
    // 20.5: OTP says ok.
    assert!(is_not_found(&d.terminate_child("one").await));
    assert_eq!(parts(d.count()), [1, 1, 0, 1]);
    story.stops_cleanly("-d/two -d -.").await;
}

async fn sup_038_child_adm_simple() {
    let other = Puppet::new("other");
    let root = root().child(simple()).child(other.worker());
    let story = Story::start(root, "+d +other +.").await;
    let d = story.dynamic("d").unwrap();
    assert!(is_not_found(&d.terminate_child("other").await));
    assert_eq!((other.begun(), other.alive()), (1, 1));
    story.stops_cleanly("-other -d -.").await;
}

async fn sup_072_073_simple_one_for_one() {
    let (mut story, d) = with(simple()).await;
    let [one, two] = ["1", "2"].map(Puppet::new);
    play(&d, &one).await;
    play(&d, &two).await;
    let second = d.child("2").unwrap().incarnation();
    one.fails();
    story.told("+d/1 +d/2 !d/1 +d/1").await;
    assert_eq!(d.child("2").unwrap().incarnation(), second);
    assert_eq!(parts(d.count()), [2, 2, 0, 2]);
    one.fails();
    story.told("!d/1 +d/1").await;
    one.fails();
    story.told("!d/1 -d/2 !d").await;
    story.stops_cleanly("-.").await;
}

async fn sup_077_simple_one_for_one_escalation() {
    let (mut story, d) = with(simple().tolerance((4, HOUR))).await;
    let (one, two) = (Puppet::new("1").failing_later(), Puppet::new("2"));
    play(&d, &one).await;
    play(&d, &two).await;
    one.fails();
    let attempts = repeated(4, "xd/1");
    story
        .told(&format!("+d/1 +d/2 !d/1 {attempts} -d/2 !d"))
        .await;
    story.stops_cleanly("-.").await;
}

async fn sup_074_simple_one_for_one_shutdown() {
    let (mut story, d) = with(simple()).await;
    for (name, seconds) in [("1", 1), ("2", 1), ("3", 5)] {
        let child = Puppet::new(name).cleaning(seconds * SECOND);
        let spec = child.worker().shutdown(2 * SECOND);
        d.start_child(spec).await.unwrap();
    }
    story.told("+d/1 +d/2 +d/3").await;
    let began = Instant::now();
    story.stops("{-d/1 -d/2} !d/3 !d !.").await;
    assert_eq!(began.elapsed(), 2 * SECOND);
}

async fn sup_076_simple_one_for_one_corruption() {
    let (mut story, d) = with(simple()).await;
    let first = Puppet::new("first");
    let spec = first.worker().restart(Restart::Temporary);
    d.start_child(spec).await.unwrap();
    first.completes();
    story.told("+d/first ~d/first").await;
    let given = Arc::new(vec![0_u8; 1 << 20]);
    let kept = Arc::downgrade(&given);
    let large = Worker::new("large", move |context| {
        let _given = &given;
        async move { context.stopped().await }
    });
    let spec = large.restart(Restart::Temporary);
    d.start_child(spec).await.unwrap();
    d.terminate_child("large").await.unwrap();
    story.told("+d/large -d/large").await;
    bounded(async {
        while kept.upgrade().is_some() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    story.stops_cleanly("-d -.").await;
}

async fn sup_121_hanging_restart_loop_simple() {
    let (mut story, d) = with(simple().tolerance((1000, HOUR))).await;
    let child = Puppet::new("c").flagged();
    let looping = async |story: &mut Story| {
        child.flag(false);
        play(&d, &child).await;
        child.flag(true);
        child.fails();
        story.told("+d/c !d/c xd/c xd/c").await;
    };
    looping(&mut story).await;
    assert_eq!(parts(d.count()), [1, 0, 0, 1]);
    let state = d.child("c").unwrap().state();
    assert!(
        matches!(state, ChildState::Starting | ChildState::Restarting),
        "{state:?}"
    );
    d.terminate_child("c").await.unwrap();
    story.told("-d/c").await;
    assert!(d.children().is_empty());
    story.quiet(HOUR).await;
    looping(&mut story).await;
    story.stops_cleanly("-d/c -d -.").await;
}

async fn sup_141_factory() {
    for (restart, steps) in [
        (Restart::Transient, ["!d/1 +d/1", "!d/2 +d/2", "~d/3"]),
        (Restart::Temporary, ["!d/1", "!d/2", "~d/3"]),
        (Restart::Permanent, ["!d/1 +d/1", "!d/2 +d/2", "~d/3 +d/3"]),
    ] {
        let (mut story, d) = with(simple().tolerance((3, HOUR))).await;
        let children = one_two_three();
        for child in &children {
            let spec = child.worker().restart(restart);
            d.start_child(spec).await.unwrap();
        }
        story.told("+d/1 +d/2 +d/3").await;
        d.kill("1").unwrap();
        story.told(steps[0]).await;
        d.kill("2").unwrap();
        story.told(steps[1]).await;
        children[2].completes();
        story.told(steps[2]).await;
        let end = match restart {
            Restart::Transient => "{-d/1 -d/2} -d -.",
            Restart::Temporary => "-d -.",
            Restart::Permanent => "{-d/1 -d/2 -d/3} -d -.",
        };
        story.stops_cleanly(end).await;
        assert!(children.iter().all(|child| child.alive() == 0));
    }
}

async fn sup_142_duplicate_child() {
    let (story, d) = with(simple()).await;
    let template = Puppet::new("template").worker().build().unwrap();
    let mut names = Vec::new();
    for _ in 0..3 {
        let child = d.start_numbered(&template).await.unwrap();
        names.push(child.runtime_name().to_string());
    }
    names.dedup();
    assert_eq!(names.len(), 3);
    assert!(names.iter().all(|name| name.starts_with("root/d/")));
    assert_eq!(parts(d.count()), [3, 3, 0, 3]);
    let (tree, _events) = story.into_parts();
    assert!(tree.shutdown().await.is_orderly());
}

async fn dsup_001_can_be_supervised_directly() {
    let (story, d) = with(DynamicSupervisor::new("d")).await;
    assert_eq!(d.runtime_name().to_string(), "root/d");
    assert!(d.children().is_empty());
    let info = &story.children()[0];
    assert_eq!(
        (info.kind, info.state),
        (ChildKind::Supervisor, ChildState::Up)
    );
    story.stops_cleanly("-d -.").await;
}

async fn dsup_002_multiple_supervisors() {
    let root = root().children(["a", "b", "c"].map(DynamicSupervisor::new));
    let mut story = Story::start(root, "+a +b +c +.").await;
    story
        .start_child(DynamicSupervisor::new("d"))
        .await
        .unwrap();
    story.told("+d").await;
    let again = story.start_child(DynamicSupervisor::new("d")).await;
    assert!(
        matches!(again, Err(StartChildError::AlreadyStarted { .. })),
        "{again:?}"
    );
    story.stops_cleanly("-d -c -b -a -.").await;
}

async fn dsup_003_child_spec() {
    let plain = DynamicSupervisor::new("d").build().unwrap();
    assert_eq!(plain.name().to_string(), "d");
    assert_eq!(plain.kind(), ChildKind::Supervisor);
    assert_eq!(plain.restart(), Restart::Permanent);
    assert_eq!(plain.shutdown(), Shutdown::Indefinitely);
    let own = DynamicSupervisor::new("e")
        .restart(Restart::Temporary)
        .shutdown(Shutdown::Kill)
        .build()
        .unwrap();
    assert_eq!(own.restart(), Restart::Temporary);
    assert_eq!(own.shutdown(), Shutdown::Kill);
}

async fn dsup_004_default_options() {
    // As many children as one likes, and 3 restarts in 5 s.
    let bare = DynamicSupervisor::new("d").restart(Restart::Temporary);
    let (mut story, d) = with(bare).await;
    let child = Puppet::new("c");
    play(&d, &child).await;
    story.told("+d/c").await;
    for _ in 0..3 {
        child.fails();
        story.told("!d/c +d/c").await;
    }
    child.fails();
    story.told("!d/c !d").await;
    story.stops_cleanly("-.").await;
}

async fn dsup_005_non_ok_init() {
    for wrong in [
        DynamicSupervisor::new("d").tolerance((3, Duration::ZERO)),
        DynamicSupervisor::new("d/e"),
    ] {
        let before = Puppet::new("before");
        let root = root().child(before.worker()).child(wrong);
        assert!(root.start().await.is_err());
        assert_eq!(before.begun(), 0);
    }
}

async fn dsup_009_forms_of_specs() {
    let (mut story, d) = with(simple()).await;
    let spec = |name: &str| Puppet::new(name).worker().build();
    let shared = spec("b").unwrap();
    d.start_child(Puppet::new("a").worker()).await.unwrap();
    d.start_child(&shared).await.unwrap();
    d.start_child(spec("c")).await.unwrap();
    d.start_child(spec("e").unwrap()).await.unwrap();
    d.start_child(Supervisor::new("f")).await.unwrap();
    d.start_child(DynamicSupervisor::new("g")).await.unwrap();
    story.told("+d/a +d/b +d/c +d/e +d/f +d/g").await;
    assert_eq!(parts(d.count()), [6, 6, 2, 4]);
    story
        .stops_cleanly("{-d/a -d/b -d/c -d/e -d/f -d/g} -d -.")
        .await;
}

async fn dsup_011_invalid_child_spec() {
    let (story, d) = with(simple()).await;
    let wrong = || Puppet::new("a/b").worker();
    let error = d.start_child(wrong()).await.unwrap_err();
    assert!(matches!(error, StartChildError::Spec { .. }), "{error:?}");
    assert_eq!(parts(d.count()), [0, 0, 0, 0]);
    story.stops_cleanly("-d -.").await;
    // The spec is looked at before the supervisor is asked (20.9).
    let error = d.start_child(wrong()).await.unwrap_err();
    assert!(matches!(error, StartChildError::Spec { .. }), "{error:?}");
    let error = d.start_child(Puppet::new("c").worker()).await.unwrap_err();
    assert!(
        matches!(error, StartChildError::NotRunning { .. }),
        "{error:?}"
    );
}

async fn dsup_012_different_returns() {
    let (mut story, d) = with(simple()).await;
    let ok = d.start_child(Puppet::new("ok").worker()).await.unwrap();
    assert_eq!(ok.state(), ChildState::Up);
    let ignore = Puppet::new("ignore").ignoring_first();
    let ignored = d.start_child(ignore.worker()).await.unwrap();
    assert_eq!(ignored.state(), ChildState::Down);
    let error = Worker::with_notify_start("error", |_, notify| async {
        notify.failed("found");
    });
    let error = d.start_child(error).await.unwrap_err();
    assert!(says(&error, "found"), "{error:?}");
    story.told("+d/ok xd/error").await;
    assert_eq!(parts(d.count()), [1, 1, 0, 1]);
    story.stops_cleanly("-d/ok -d -.").await;
}

/// How a start function panics: its future is never made.
type Panics = fn() -> std::future::Ready<()>;

async fn dsup_013_throw_error_exit() {
    let (mut story, d) = with(simple()).await;
    let text: Panics = || panic!("a text");
    let formatted: Panics = || panic!("a number: {}", 17);
    let other: Panics = || std::panic::panic_any(17);
    for (start, message) in [(text, "a text"), (formatted, "a number: 17"), (other, "")] {
        let worker = Worker::with_notify_start("c", move |_, _| start());
        let error = d.start_child(worker).await.unwrap_err();
        assert!(says(&error, message), "{error:?}");
        assert!(says(&error, "panic"), "{error:?}");
        story.told("xd/c").await;
    }
    play(&d, &Puppet::new("c")).await;
    story.stops_cleanly("+d/c -d/c -d -.").await;
}

async fn dsup_014_max_children() {
    let (story, d) = with(simple().max_children(0)).await;
    let error = d.start_child(Puppet::new("c").worker()).await.unwrap_err();
    assert!(
        matches!(error, StartChildError::TooMany { .. }),
        "{error:?}"
    );
    assert_eq!(parts(d.count()), [0, 0, 0, 0]);
    story.stops_cleanly("-d -.").await;
}

async fn dsup_015_temporary_is_not_restarted() {
    let (mut story, d) = with(simple()).await;
    for (act, sign) in [
        (Act::Complete, '~'),
        (Act::Stop, '~'),
        (Act::Fail, '!'),
        (Act::Panic, '!'),
    ] {
        let child = Puppet::new("c");
        let spec = child.worker().restart(Restart::Temporary);
        d.start_child(spec).await.unwrap();
        child.tell(act);
        story.told(&format!("+d/c {sign}d/c")).await;
        assert!(is_not_found(&d.terminate_child("c").await));
        assert_eq!(parts(d.count()), [0, 0, 0, 0]);
    }
    story.stops_cleanly("-d -.").await;
}

async fn dsup_017_permanent_is_restarted() {
    let (mut story, d) = with(DynamicSupervisor::new("d")).await;
    for (count, act, sign) in [
        (1, Act::Complete, '~'),
        (2, Act::Stop, '~'),
        (3, Act::Fail, '!'),
    ] {
        let child = Puppet::new(&count.to_string());
        play(&d, &child).await;
        child.tell(act);
        story
            .told(&format!("+d/{count} {sign}d/{count} +d/{count}"))
            .await;
        assert_eq!(parts(d.count()), [count, count, 0, count]);
    }
    story.stops_cleanly("{-d/1 -d/2 -d/3} -d -.").await;
}

/// How a life begins that is not the first.
#[derive(Clone, Copy)]
enum Again {
    Up,
    Ignore,
    Fail,
    /// Up and failing by turns.
    Turns,
}

/// A worker whose first life is up, and whose later ones begin in another way.
fn beginning(name: &str, again: Again) -> (Worker, Arc<AtomicUsize>) {
    let starts = Arc::new(AtomicUsize::new(0));
    let counted = starts.clone();
    let worker = Worker::with_notify_start(name, move |context, notify| {
        let number = counted.fetch_add(1, SeqCst);
        async move {
            match again {
                Again::Ignore if number > 0 => return notify.ignore(),
                Again::Fail if number > 0 => return notify.failed("again"),
                Again::Turns if number % 2 == 1 => return notify.failed("by turns"),
                _ => notify.ready(),
            }
            context.stopped().await;
        }
    });
    (worker, starts)
}

async fn dsup_018_restarted_with_different_values() {
    let (mut story, d) = with(simple().tolerance((100, HOUR))).await;
    // A wait keeps what fails in the state between two attempts.
    let start = |name: &str, again| beginning(name, again).0.backoff(Backoff::constant(SECOND));

    d.start_child(beginning("ok", Again::Up).0).await.unwrap();
    d.kill("ok").unwrap();
    story.told("+d/ok !d/ok +d/ok").await;
    assert_eq!(parts(d.count()), [1, 1, 0, 1]);

    let ignore = beginning("ignore", Again::Ignore).0;
    d.start_child(ignore).await.unwrap();
    d.kill("ignore").unwrap();
    story.told("+d/ignore !d/ignore").await;
    story.quiet(SECOND / 2).await;
    assert_eq!(parts(d.count()), [1, 1, 0, 1]);

    d.start_child(start("error", Again::Fail)).await.unwrap();
    d.kill("error").unwrap();
    story.told("+d/error !d/error xd/error").await;
    assert_eq!(parts(d.count()), [2, 1, 0, 2]);
    let state = d.child("error").unwrap().state();
    assert_eq!(state, ChildState::Restarting);
    story.stops_cleanly("-d/ok -d -.").await;
}

async fn dsup_019_restarting_on_init_counts_in_max_children() {
    let d = simple().max_children(1).tolerance((100, HOUR));
    let (mut story, d) = with(d).await;
    let (worker, _) = beginning("c", Again::Fail);
    let spec = worker.backoff(Backoff::constant(SECOND));
    d.start_child(spec).await.unwrap();
    d.kill("c").unwrap();
    story.told("+d/c !d/c xd/c").await;
    assert_eq!(parts(d.count()), [1, 0, 0, 1]);
    let error = d.start_child(Puppet::new("e").worker()).await.unwrap_err();
    assert!(
        matches!(error, StartChildError::TooMany { .. }),
        "{error:?}"
    );
    story.stops_cleanly("-d -.").await;
}

async fn dsup_020_restarting_on_exit_counts_in_max_children() {
    let (mut story, d) = with(simple().max_children(1)).await;
    let child = Puppet::new("c");
    play(&d, &child).await;
    child.fails();
    story.told("+d/c !d/c +d/c").await;
    assert_eq!(parts(d.count()), [1, 1, 0, 1]);
    let error = d.start_child(Puppet::new("e").worker()).await.unwrap_err();
    assert!(
        matches!(error, StartChildError::TooMany { .. }),
        "{error:?}"
    );
    story.stops_cleanly("-d/c -d -.").await;
}

async fn dsup_021_restarted_with_the_same_arguments() {
    let (mut story, d) = with(simple()).await;
    let (seen, mut arguments) = tokio::sync::mpsc::unbounded_channel();
    let argument = String::from("extra");
    let worker = Worker::new("c", move |context| {
        seen.send(argument.clone()).unwrap();
        async move { context.stopped().await }
    });
    let spec = worker.restart(Restart::Transient);
    d.start_child(spec).await.unwrap();
    d.kill("c").unwrap();
    story.told("+d/c !d/c +d/c").await;
    for _ in 0..2 {
        assert_eq!(bounded(arguments.recv()).await.as_deref(), Some("extra"));
    }
    assert_eq!(parts(d.count()), [1, 1, 0, 1]);
    story.stops_cleanly("-d/c -d -.").await;
}

async fn dsup_022_restarted_when_trying_again() {
    let (mut story, d) = with(simple()).await;
    let (worker, starts) = beginning("c", Again::Turns);
    d.start_child(worker).await.unwrap();
    d.kill("c").unwrap();
    story.told("+d/c !d/c xd/c +d/c").await;
    assert_eq!(starts.load(SeqCst), 3);
    assert_eq!(parts(d.count()), [1, 1, 0, 1]);
    story.stops_cleanly("-d/c -d -.").await;
}

async fn dsup_023_maximum_restarts() {
    let (mut story, d) = with(simple().tolerance((1, HOUR))).await;
    let (worker, starts) = beginning("c", Again::Fail);
    d.start_child(worker).await.unwrap();
    d.kill("c").unwrap();
    story.told("+d/c !d/c xd/c !d").await;
    assert_eq!(starts.load(SeqCst), 2);
    story.stops_cleanly("-.").await;
}

async fn dsup_024_maximum_intensity_when_trying_again() {
    let (mut story, d) = with(simple().tolerance((10, HOUR))).await;
    let (worker, starts) = beginning("c", Again::Turns);
    d.start_child(worker).await.unwrap();
    story.told("+d/c").await;
    for _ in 0..5 {
        d.kill("c").unwrap();
        story.told("!d/c xd/c +d/c").await;
    }
    d.kill("c").unwrap();
    story.told("!d/c !d").await;
    assert_eq!(starts.load(SeqCst), 1 + 10);
    story.stops_cleanly("-.").await;
}

/// Stops a tree with three children of `d`.
async fn three(shutdowns: [Shutdown; 3], puppets: [Puppet; 3], hangs: Option<usize>, end: &str) {
    let (mut story, d) = with(simple()).await;
    for (puppet, shutdown) in puppets.iter().zip(shutdowns) {
        let spec = puppet.worker().shutdown(shutdown);
        d.start_child(spec).await.unwrap();
    }
    story.told("{+d/1 +d/2 +d/3}").await;
    if let Some(hanging) = hangs {
        puppets[hanging].hangs().await;
    }
    story.stops(end).await;
    for (puppet, shutdown) in puppets.iter().zip(shutdowns) {
        assert_eq!(puppet.alive(), 0);
        if shutdown == Shutdown::Kill {
            assert_eq!(puppet.cleaned(), 0);
        }
    }
}

fn one_two_three() -> [Puppet; 3] {
    ["1", "2", "3"].map(Puppet::new)
}

async fn dsup_027_brutal_kill() {
    let end = "{-d/1 -d/2 -d/3} -d -.";
    three([Shutdown::Kill; 3], one_two_three(), None, end).await;
}

async fn dsup_028_infinity_shutdown() {
    let end = "{-d/1 -d/2 -d/3} -d -.";
    three([Shutdown::Indefinitely; 3], one_two_three(), None, end).await;
}

async fn dsup_031_abnormal_reason() {
    let puppets = one_two_three().map(|puppet| puppet.answering(Act::Fail));
    let end = "{!d/1 !d/2 !d/3} !d !.";
    three([Shutdown::Timeout(SECOND); 3], puppets, None, end).await;
}

async fn dsup_032_expired_shutdown() {
    let brief = Shutdown::Timeout(Duration::from_millis(1));
    let end = "{-d/1 -d/3} !d/2 !d !.";
    three([brief; 3], one_two_three(), Some(1), end).await;
}

async fn dsup_034_mixed_children() {
    let shutdowns = [Shutdown::Indefinitely, Shutdown::Kill, Shutdown::Kill];
    let end = "{-d/1 -d/2 -d/3} -d -.";
    let puppets = one_two_three();
    let first = puppets[0].clone();
    three(shutdowns, puppets, None, end).await;
    assert_eq!(first.cleaned(), 1);
}

async fn terminated(shutdown: Shutdown, cleaned: usize) {
    let (mut story, d) = with(simple()).await;
    let child = Puppet::new("c");
    let spec = child.worker().shutdown(shutdown);
    d.start_child(spec).await.unwrap();
    d.terminate_child("c").await.unwrap();
    story.told("+d/c -d/c").await;
    assert_eq!((child.alive(), child.cleaned()), (0, cleaned));
    assert!(is_not_found(&d.terminate_child("c").await));
    assert_eq!(parts(d.count()), [0, 0, 0, 0]);
    story.stops_cleanly("-d -.").await;
}

async fn dsup_035_terminate_with_brutal_kill() {
    terminated(Shutdown::Kill, 0).await;
}

async fn dsup_036_terminate_with_integer_shutdown() {
    terminated(Shutdown::Timeout(SECOND), 1).await;
}

async fn dsup_037_039_terminates_restarting_child() {
    let (mut story, d) = with(simple().tolerance((1000, HOUR))).await;
    let (worker, starts) = beginning("c", Again::Fail);
    let spec = worker.backoff(Backoff::constant(SECOND));
    d.start_child(spec).await.unwrap();
    d.kill("c").unwrap();
    story.told("+d/c !d/c xd/c xd/c").await;
    d.terminate_child("c").await.unwrap();
    assert!(is_not_found(&d.terminate_child("c").await));
    assert_eq!(parts(d.count()), [0, 0, 0, 0]);
    // The restart that was due has no effect.
    story.quiet(HOUR).await;
    assert_eq!(starts.load(SeqCst), 3);
    story.stops_cleanly("-d -.").await;
}

async fn dsup_040_counts() {
    let (mut story, d) = with(simple().tolerance((100, HOUR))).await;
    play(&d, &Puppet::new("up")).await;
    let waiting = Puppet::new("waiting");
    let spec = waiting.worker().backoff(Backoff::constant(HOUR));
    d.start_child(spec).await.unwrap();
    d.start_child(Supervisor::new("sub")).await.unwrap();
    waiting.fails();
    story.told("+d/up +d/waiting +d/sub !d/waiting").await;
    assert_eq!(parts(d.count()), [3, 2, 1, 2]);
    assert!(states(&d.children()).contains("waiting Restarting"));
    let exit = story.stops("{-d/up -d/sub} -d -.").await;
    assert!(matches!(exit.reason(), ExitReason::Stopped), "{exit}");
}

stories! {
    both:
        sup_034_035_036_child_adm_simple,
        sup_037_child_adm_simple,
        sup_038_child_adm_simple,
        sup_072_073_simple_one_for_one,
        sup_076_simple_one_for_one_corruption,
        sup_077_simple_one_for_one_escalation,
        sup_141_factory,
        sup_142_duplicate_child,
        dsup_001_can_be_supervised_directly,
        dsup_002_multiple_supervisors,
        dsup_003_child_spec,
        dsup_004_default_options,
        dsup_005_non_ok_init,
        dsup_009_forms_of_specs,
        dsup_011_invalid_child_spec,
        dsup_012_different_returns,
        dsup_013_throw_error_exit,
        dsup_014_max_children,
        dsup_015_temporary_is_not_restarted,
        dsup_017_permanent_is_restarted,
        dsup_020_restarting_on_exit_counts_in_max_children,
        dsup_021_restarted_with_the_same_arguments,
        dsup_022_restarted_when_trying_again,
        dsup_023_maximum_restarts,
        dsup_024_maximum_intensity_when_trying_again,
        dsup_027_brutal_kill,
        dsup_028_infinity_shutdown,
        dsup_031_abnormal_reason,
        dsup_034_mixed_children,
        dsup_035_terminate_with_brutal_kill,
        dsup_036_terminate_with_integer_shutdown,
        dsup_040_counts;
    paused:
        sup_074_simple_one_for_one_shutdown,
        sup_121_hanging_restart_loop_simple,
        dsup_018_restarted_with_different_values,
        dsup_019_restarting_on_init_counts_in_max_children,
        dsup_032_expired_shutdown,
        dsup_037_039_terminates_restarting_child;
}
