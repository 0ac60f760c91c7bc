//! The two runtimes and the two clocks.

use std::time::Duration;

use regrow::{Backoff, Strategy, Supervisor};
use tokio::runtime::{Builder, Runtime};
use tokio::time::Instant;

use crate::puppet::{Act, Puppet};
use crate::story::{HOUR, SECOND, Story, root};

/// A crash in every kind of group, a supervisor that gives up, and a stop: all that was told.
async fn trace() -> Vec<String> {
    let children = ["a", "b", "c"].map(|name| Puppet::new(name).failing_later());
    let [x, y, z] = ["x", "y", "z"].map(Puppet::new);
    let sub = |name, strategy| {
        Supervisor::new(name)
            .strategy(strategy)
            .tolerance((2, HOUR))
    };
    let root = root()
        .child(sub("one", Strategy::OneForOne).children(children.each_ref().map(Puppet::worker)))
        .child(sub("all", Strategy::OneForAll).children([&x, &y].map(Puppet::worker)))
        .child(sub("rest", Strategy::RestForOne).child(z.worker()));
    let mut story = Story::start(
        root,
        "+one/a +one/b +one/c +one +all/x +all/y +all +rest/z +rest +.",
    )
    .await;
    x.tell(Act::Panic);
    story.told("!all/x -all/y +all/x +all/y").await;
    z.completes();
    story.told("~rest/z +rest/z").await;
    children[1].fails();
    // Every start of theirs fails but the first, so that `one` cannot come back, and the root gives up.
    let (_tree, events) = story.into_parts();
    events.rest().await
}

fn on(runtime: &Runtime) -> Vec<String> {
    runtime.block_on(trace())
}

#[test]
fn tok_16_same_traces_on_both_runtimes() {
    let mut current_thread = Builder::new_current_thread();
    let current_thread = current_thread.enable_time().start_paused(true).build();
    let mut threads = Builder::new_multi_thread();
    let threads = threads.worker_threads(2).enable_time().build();
    let expected = on(&current_thread.unwrap());
    assert!(expected.len() > 20, "{expected:?}");
    assert_eq!(on(&threads.unwrap()), expected);
}

#[tokio::test(start_paused = true)]
async fn tok_17_a_time_line_is_exact() {
    let ms = Duration::from_millis;
    let (a, b) = (
        Puppet::new("a").cleaning(ms(250)),
        Puppet::new("b").flagged(),
    );
    let backoff = Backoff::exponential(SECOND, 4 * SECOND).without_jitter();
    let root = root()
        .tolerance((9, HOUR))
        .child(a.worker())
        .child(b.worker().backoff(backoff));
    let mut story = Story::start(root, "+a +b +.").await;
    let began = Instant::now();
    b.flag(true);
    b.fails();
    let mut line = Vec::new();
    for _ in 0..5 {
        let sign = story.next_sign().await;
        if line.len() == 3 {
            b.flag(false);
        }
        line.push((sign, began.elapsed()));
    }
    // Each failed start takes two seconds; the waits are 1, 2, 4 and 4 s.
    let expected = [("!b", 0), ("xb", 3), ("xb", 7), ("xb", 13), ("+b", 17)];
    assert_eq!(
        line,
        expected.map(|(sign, seconds)| (sign.to_owned(), seconds * SECOND))
    );
    story.stops_cleanly("-b -a -.").await;
    assert_eq!(began.elapsed(), 17 * SECOND + ms(250));
}
