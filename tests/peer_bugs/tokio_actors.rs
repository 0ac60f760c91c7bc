//! tokio-actors 0.11.0: supervision shares the turn of the user's code, and the end of a root is silent.
//!
//! | number | why it has no test here |
//! |---|---|
//! | 5 | what an idle child costs: sizes are in `tests/million`, speed in no test |

use std::future::pending;

use regrow::{Backoff, ChildState, ExitReason, Supervisor, SupervisorFailure};

use crate::props::{deaf, idle};
use crate::puppet::Puppet;
use crate::story::{HOUR, SECOND, Story, root};

#[tokio::test(start_paused = true)]
async fn tka_01_a_hook_that_never_returns_holds_up_nobody() {
    let [h, w] = ["h", "w"].map(Puppet::new);
    let hooked = h.worker().on_failure(|_, _| pending::<()>());
    let mut story = Story::start(root().child(hooked).child(w.worker()), "+h +w +.").await;
    h.fails();
    w.fails();
    story.told("!w +w").await;
    // It has not ended, for as long as its hook runs; a stop bounds that.
    assert_eq!(story.child("h").unwrap().state(), ChildState::Up);
    story.stops("-w !h !.").await;
}

#[tokio::test(start_paused = true)]
async fn tka_02_the_end_of_a_root_is_loud() {
    let w = Puppet::new("w").failing_later();
    let child = w.worker().backoff(Backoff::constant(SECOND));
    let s = Supervisor::new("s").tolerance((2, HOUR)).child(child);
    let root = root().tolerance((0, HOUR)).child(s);
    let story = Story::start(root, "+s/w +s +.").await;
    w.fails();
    let exit = story.ends("!s/w xs/w xs/w !s !.").await;
    let Some(SupervisorFailure::GaveUp(why)) = exit.failure() else {
        panic!("{exit}");
    };
    assert_eq!(why.child.as_str(), "root/s");
    let ExitReason::Failed(below) = &why.last else {
        panic!("{why:?}");
    };
    assert!(below.to_string().contains("root/s/w"), "{below}");
    assert!(below.to_string().contains("the start failed"), "{below}");
    assert!(!exit.is_orderly());
    assert_eq!(exit.exit_code(), 1);
}

#[tokio::test(start_paused = true)]
async fn tka_03_references_outlive_lives_and_names_are_paths() {
    let [one, two] = [Puppet::new("w"), Puppet::new("w")];
    let root = root()
        .child(Supervisor::new("x").child(one.worker()))
        .child(Supervisor::new("y").child(two.worker()));
    let mut story = Story::start(root, "+x/w +x +y/w +y +.").await;
    let w = story.child("x/w").unwrap();
    one.fails();
    story.told("!x/w +x/w").await;
    // Over a restart of its supervisor too.
    story.kill("x").unwrap();
    story.told("!x/w !x +x/w +x").await;
    assert_eq!(w.state(), ChildState::Up);
    w.kill();
    story.told("!x/w +x/w").await;
    assert_eq!([one.alive(), two.begun()], [1, 1]);
    story.stops_cleanly("-y/w -y -x/w -x -.").await;
}

#[tokio::test(start_paused = true)]
async fn tka_04_futures_are_children_and_no_stop_can_be_refused() {
    let mut story = Story::start(root().child(idle("a")), "+a +.").await;
    story.start_child(deaf("b").shutdown(SECOND)).await.unwrap();
    story.told("+b").await;
    story.stops("!b -a !.").await;
}
