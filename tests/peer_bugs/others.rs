//! joerl, actix, xtra, coerce, hannibal, speare and supervised, as they were read.
//!
//! | number | why it has no test here |
//! |---|---|
//! | 5 | supertrees makes a process of the system for each supervisor: a fact about its design |

use regrow::{Restart, Strategy, Supervisor};

use crate::props::{failing, group, idle};
use crate::puppet::{Act, Puppet};
use crate::story::{HOUR, SECOND, Story, root};

/// joerl: one-for-all starts duplicates on a panic, and children outlive their supervisor.
#[tokio::test(start_paused = true)]
async fn others_01_a_panic_makes_no_duplicates_and_children_stop_with_their_supervisor() {
    let puppets = ["a", "b"].map(Puppet::new);
    let s = group("s", Strategy::OneForAll, &puppets);
    let mut story = Story::start(root().child(s), "+s/a +s/b +s +.").await;
    puppets[0].tell(Act::Panic);
    story.told("!s/a -s/b +s/a +s/b").await;
    assert!(puppets.iter().all(|puppet| puppet.alive() == 1));
    story.terminate_child("s").await.unwrap();
    assert!(puppets.iter().all(|puppet| puppet.alive() == 0));
    story.stops_cleanly("-s/b -s/a -s -.").await;
}

/// actix: what was asked to stop is started again, and a panic ends the supervisor.
#[tokio::test(start_paused = true)]
async fn others_02_what_crashed_lives_again_and_what_was_stopped_does_not() {
    let w = Puppet::new("w");
    let mut story = Story::start(root().child(w.worker()), "+w +.").await;
    w.tell(Act::Panic);
    story.told("!w +w").await;
    story.terminate_child("w").await.unwrap();
    story.told("-w").await;
    story.quiet(HOUR).await;
    story.stops_cleanly("-.").await;
}

/// xtra, coerce, hannibal and speare catch no panic.
#[tokio::test(start_paused = true)]
async fn others_03_a_panic_is_seen_as_an_error_is() {
    let w = Puppet::new("w");
    let child = w.worker().restart(Restart::Transient);
    let mut story = Story::start(root().child(child), "+w +.").await;
    for act in [Act::Fail, Act::Panic] {
        w.tell(act);
        story.told("!w +w").await;
    }
    story.stops_cleanly("-w -.").await;
}

/// supervised: a start that fails stops all, restarts are counted in total, and a stop has no order. Its summary at the end is good.
#[tokio::test(start_paused = true)]
async fn others_04_a_failed_start_is_its_callers_and_the_report_names_the_cause() {
    let w = Puppet::new("w");
    let root = Supervisor::new("root")
        .tolerance((1, SECOND))
        .children([idle("a"), w.worker()]);
    let mut story = Story::start(root, "+a +w +.").await;
    story.start_child(failing("late")).await.unwrap_err();
    story.told("xlate").await;
    for _ in 0..10 {
        w.fails();
        story.told("!w +w").await;
        story.quiet(2 * SECOND).await;
    }
    w.fails();
    w.fails();
    let exit = story.ends("!w +w !w -a !.").await;
    let words = exit.to_string();
    assert!(
        words.contains("root/w") && words.contains("died"),
        "{words}"
    );
}
