//! Why a tree ended, told from the root down. Numbers in comments are those of `docs/semantics.md`.

use std::time::Duration;

use regrow::{Change, RootExit, Supervisor, SupervisorFailure, Worker};

use crate::fixtures::{ONE_IN_FIVE, fail_start, outspoken};
use crate::puppet::Puppet;
use crate::story::{SECOND, Story, bounded, root};

/// root with a with b with w; a bears nothing, root one restart, b one.
fn three_levels(w: Worker) -> Supervisor {
    let b = Supervisor::new("b").tolerance(ONE_IN_FIVE).child(w);
    let a = Supervisor::new("a").tolerance((0, SECOND)).child(b);
    Supervisor::new("root").tolerance(ONE_IN_FIVE).child(a)
}

fn pairs(exit: &RootExit) -> String {
    let pairs = exit.explain().key_values();
    let pairs: Vec<_> = pairs
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    pairs.join("|")
}

/// 14.4: each level is told, and of the deepest the first error and the last.
async fn three_levels_give_up() {
    let (w, say) = outspoken("w");
    let mut story = Story::start(three_levels(w), "+a/b/w +a/b +a +.").await;
    for words in ["boom 1", "boom 2", "boom 3"] {
        say.send(words).unwrap();
        story.told("!a/b/w").await;
        if words == "boom 1" {
            story.told("+a/b/w").await;
        }
        if words == "boom 2" {
            story.told("!a/b !a +a/b/w +a/b +a").await;
        }
        if words == "boom 3" {
            story.told("+a/b/w").await;
        }
    }
    say.send("boom 4").unwrap();
    let exit = story.ends("!a/b/w !a/b !a !.").await;
    let told = exit.explain();
    let text = "root gave up on root/a (more than 1 restart in 5s), \
        which gave up on root/a/b (more than 0 restarts in 1s), \
        which gave up on root/a/b/w (more than 1 restart in 5s), \
        which failed: boom 4 (the first that counted failed: boom 3)";
    assert_eq!(told.to_string(), text);
    assert_eq!(told.depth(), 3);
    assert_eq!(told.child().to_string(), "root/a/b/w");
    let expected = "name=root|reason=gave_up|depth=3|child=root/a/b/w|supervisor=root/a/b|count=2|window=5s\
        |first=failed: boom 3|last=failed: boom 4";
    assert_eq!(pairs(&exit), expected);
}

async fn panic_is_told_with_its_place() {
    let w = Worker::new("w", |_| async { panic!("oh\nno") });
    let w = Supervisor::new("a").tolerance((0, SECOND)).child(w);
    let tree = Supervisor::new("root").tolerance((0, SECOND)).child(w);
    let mut events = None;
    let tree = tree.start_observed(|all| events = Some(all));
    let exit = match bounded(tree).await {
        Ok(tree) => bounded(tree.wait()).await,
        Err(error) => panic!("{error}"),
    };
    let text = exit.explain().to_string();
    let begin = "root gave up on root/a (more than 0 restarts in 1s), \
        which gave up on root/a/w (more than 0 restarts in 1s), which panicked: oh no (at ";
    assert!(text.starts_with(begin), "{text}");
    assert!(text.contains("explained.rs:"), "{text}");
    // The event of the supervisor below tells its part.
    let mut events = events.unwrap();
    let failure = loop {
        let event = bounded(events.next()).await.unwrap().unwrap();
        if let Change::GaveUp(failure) = event.change {
            break failure;
        }
    };
    let text = failure.explain().to_string();
    assert!(text.starts_with("root/a gave up on root/a/w"), "{text}");
}

/// A restart that fails because a child two levels below does not start.
async fn start_that_fails_below_is_told() {
    let w = Puppet::new("w").failing_later();
    let b = Supervisor::new("b").child(w.worker());
    let a = Supervisor::new("a").tolerance((0, SECOND)).child(b);
    let tree = Supervisor::new("root").tolerance((1, SECOND)).child(a);
    let mut story = Story::start(tree, "+a/b/w +a/b +a +.").await;
    story.kill("a/b").unwrap();
    story.told("!a/b/w !a/b !a xa/b/w xa/b xa").await;
    let exit = story.ends("!.").await;
    let text = "root gave up on root/a (more than 1 restart in 1s), \
        which did not start because of root/a/b, which did not start because of root/a/b/w, \
        which did not start: start failed: the start failed";
    assert_eq!(exit.explain().to_string(), text);
}

async fn ends_of_their_own_are_told() {
    let story = Story::start(root(), "+.").await;
    let exit = story.stops("-.").await;
    assert_eq!(exit.explain().to_string(), "root stopped");
    let expected = "name=root|reason=stopped|depth=0|child=root|last=stopped";
    assert_eq!(pairs(&exit), expected);
}

async fn stop_that_is_not_clean_is_told() {
    let w = Puppet::new("w");
    let never = w.worker().shutdown(Duration::from_millis(10));
    let story = Story::start(root().child(never), "+w +.").await;
    w.hangs().await;
    let exit = story.stops("!w !.").await;
    let text = "root did not stop cleanly: root/w #1 killed, after 10ms";
    assert_eq!(exit.explain().to_string(), text);
    assert!(matches!(
        exit.failure(),
        Some(SupervisorFailure::StopFailed { .. })
    ));
    assert!(pairs(&exit).contains("reason=stop_failed"));
}

/// An error that panics when it is printed harms nobody here either.
async fn error_that_panics_is_told_as_such() {
    #[derive(Debug)]
    struct Nasty;
    impl std::fmt::Display for Nasty {
        fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            panic!("nasty");
        }
    }
    impl std::error::Error for Nasty {}
    let w = Worker::new("w", |_| async { Err::<(), _>(Nasty) });
    let tree = Supervisor::new("root").tolerance((0, SECOND)).child(w);
    let tree = bounded(tree.start()).await.unwrap();
    let text = bounded(tree.wait()).await.explain().to_string();
    assert!(
        text.ends_with("which failed: (an error that panics when it is printed)"),
        "{text}"
    );
    bounded(root().child(fail_start("w")).start())
        .await
        .unwrap_err();
}

stories! {
    both:
        three_levels_give_up,
        panic_is_told_with_its_place,
        start_that_fails_below_is_told,
        ends_of_their_own_are_told,
        error_that_panics_is_told_as_such;
    paused:
        stop_that_is_not_clean_is_told;
}
