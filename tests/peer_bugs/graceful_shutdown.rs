//! tokio-graceful-shutdown 0.20.0: everything is told to stop at once, and what went wrong is told without its words.
//!
//! | number | where it is tested |
//! |---|---|
//! | 3 | it needs signals: `tests/real_clients`, `a_second_signal_ends_it_at_once_and_tells_who_is_still_up` |
//! | 4 | the body blocks its thread, which a paused clock cannot show: `tests/real_clock`, `tok_06_child_in_blocking_code` |

use regrow::{ExitReason, SpecError, StartError, Supervisor};

use crate::props::{Diary, deaf, idle, took};
use crate::puppet::{Act, Puppet};
use crate::story::{SECOND, Story, root};

#[tokio::test(start_paused = true)]
async fn tgs_01_the_words_of_a_panic_are_kept() {
    let w = Puppet::new("w").answering(Act::Panic);
    let story = Story::start(root().child(w.worker()), "+w +.").await;
    let exit = story.stops("!w !.").await;
    let [life] = exit.report().troubled() else {
        panic!("{exit}");
    };
    let ExitReason::Panicked(panic) = &life.reason else {
        panic!("{life}");
    };
    assert_eq!(panic.message(), "died");
    assert!(panic.location().is_some_and(|at| at.contains("puppet.rs")));
    assert!(exit.to_string().contains("root/w"), "{exit}");
}

#[tokio::test(start_paused = true)]
async fn tgs_02_children_stop_one_after_another() {
    let diary = Diary::default();
    let children = ["db", "cache", "http"].map(|name| diary.keeper(name, SECOND));
    let story = Story::start(root().children(children), "+db +cache +http +.").await;
    let (tree, events) = story.into_parts();
    diary.read();
    let (_, span) = took(tree.shutdown()).await;
    events.told_last("-http -cache -db -.").await;
    assert_eq!(span, 3 * SECOND);
    assert_eq!(diary.read(), ["http ends", "cache ends", "db ends"]);
}

#[tokio::test(start_paused = true)]
async fn tgs_05_kills_are_waited_for_and_names_are_one_each() {
    let twice = Supervisor::new("root").children([idle("a"), idle("a")]);
    let refused = twice.start().await;
    assert!(
        matches!(
            refused,
            Err(StartError::Spec(SpecError::DuplicateName { .. }))
        ),
        "{refused:?}"
    );
    let held = std::sync::Arc::new(());
    let guard = held.clone();
    let stuck = regrow::Worker::new("stuck", move |_| {
        let guard = guard.clone();
        async move {
            std::future::pending::<()>().await;
            drop(guard);
        }
    });
    let root = root()
        .child(Supervisor::new("s").child(deaf("a").shutdown(SECOND)))
        .child(stuck.shutdown(SECOND));
    let story = Story::start(root, "+s/a +s +stuck +.").await;
    let names = story.snapshot().runtime_names();
    let names: Vec<_> = names.iter().map(regrow::RuntimeName::as_str).collect();
    assert_eq!(names, ["root", "root/s", "root/s/a", "root/stuck"]);
    drop(names);
    story.stops("!stuck !s/a !s !.").await;
    // The bodies have been dropped, and with them what they held; the specs too.
    assert_eq!(std::sync::Arc::strong_count(&held), 1);
}
