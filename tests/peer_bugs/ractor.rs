//! ractor 0.16.5 and ractor-supervisor 0.2.0: a parent that stops kills its children and is done before they are; restarts are
//! messages that nobody checks when they come.
//!
//! | number | why it has no test here |
//! |---|---|
//! | 9 | mailboxes without a bound: there are no mailboxes yet |
//! | 11 | one mutex for the whole process: it costs speed, and no test fails on a timing |

use regrow::{
    Backoff, ChildState, Context, DynamicSupervisor, Restart, StartChildError, Strategy,
    Supervisor, Worker,
};
use tokio::time::sleep;

use crate::props::{MS, group, hanging, idle};
use crate::puppet::Puppet;
use crate::story::{HOUR, SECOND, Story, root};

#[tokio::test(start_paused = true)]
async fn ractor_01_children_are_stopped_and_not_killed() {
    let puppets = ["a", "b"].map(|name| Puppet::new(name).cleaning(SECOND));
    let s = group("s", Strategy::OneForOne, &puppets);
    let story = Story::start(root().child(s), "+s/a +s/b +s +.").await;
    story.stops_cleanly("-s/b -s/a -s -.").await;
    assert!(puppets.iter().all(|puppet| puppet.cleaned() == 1));
}

#[tokio::test(start_paused = true)]
async fn ractor_02_a_supervisor_is_done_when_all_below_it_is() {
    let puppets = ["a", "b", "c"].map(|name| Puppet::new(name).cleaning(SECOND));
    let tree = || {
        let s = group("s", Strategy::OneForOne, &puppets);
        Supervisor::new("root").child(s)
    };
    let mut story = Story::start(tree(), "+s/a +s/b +s/c +s +.").await;
    story.terminate_child("s").await.unwrap();
    assert!(puppets.iter().all(|puppet| puppet.alive() == 0));
    story.restart_child("s").await.unwrap();
    story.told("-s/c -s/b -s/a -s +s/a +s/b +s/c +s").await;
    story.stops_cleanly("-s/c -s/b -s/a -s -.").await;
    // All names are free at once.
    assert!(puppets.iter().all(|puppet| puppet.alive() == 0));
    let story = Story::start(tree(), "+s/a +s/b +s/c +s +.").await;
    story.stops_cleanly("-s/c -s/b -s/a -s -.").await;
}

#[tokio::test(start_paused = true)]
async fn ractor_03_a_sibling_that_is_slow_to_end_costs_one_restart() {
    let a = Puppet::new("a");
    let slow = Puppet::new("slow").cleaning(200 * MS);
    let root = root()
        .tolerance((1, HOUR))
        .strategy(Strategy::OneForAll)
        .children([a.worker(), slow.worker()]);
    let mut story = Story::start(root, "+a +slow +.").await;
    a.fails();
    story.told("!a -slow +a +slow").await;
    assert_eq!([a.begun(), slow.begun()], [2, 2]);
    story.stops_cleanly("-slow -a -.").await;
}

#[tokio::test(start_paused = true)]
async fn ractor_04_two_that_fail_together_are_one_group_restart() {
    let [a, b] = ["a", "b"].map(Puppet::new);
    let children = [&a, &b].map(|puppet| puppet.worker().backoff(Backoff::constant(SECOND)));
    let root = root()
        .tolerance((1, HOUR))
        .strategy(Strategy::OneForAll)
        .children(children);
    let mut story = Story::start(root, "+a +b +.").await;
    a.fails();
    b.fails();
    story.told("{!a !b} +a +b").await;
    story.quiet(HOUR).await;
    assert_eq!([a.begun(), b.begun()], [2, 2]);
    story.stops_cleanly("-b -a -.").await;
}

#[tokio::test(start_paused = true)]
async fn ractor_05_a_child_that_is_terminated_during_its_backoff_stays_down() {
    let w = Puppet::new("w");
    let child = || w.worker().backoff(Backoff::constant(SECOND));
    let root = root().child(child()).child(DynamicSupervisor::new("pool"));
    let mut story = Story::start(root, "+w +pool +.").await;
    w.fails();
    story.told("!w").await;
    story.terminate_child("w").await.unwrap();
    story.quiet(HOUR).await;
    let pool = story.dynamic("pool").unwrap();
    pool.start_child(child()).await.unwrap();
    story.told("+pool/w").await;
    w.fails();
    story.told("!pool/w").await;
    pool.terminate_child("w").await.unwrap();
    story.quiet(HOUR).await;
    assert_eq!((w.begun(), pool.count().specs), (2, 0));
    story.stops_cleanly("-pool -.").await;
}

#[tokio::test(start_paused = true)]
async fn ractor_06_a_name_that_is_taken_is_refused_and_harms_nobody() {
    let story = Story::start(root().child(DynamicSupervisor::new("pool")), "+pool +.").await;
    let pool = story.dynamic("pool").unwrap();
    let first = pool.start_child(idle("w")).await.unwrap();
    let second = pool.start_child(idle("w")).await;
    let Err(StartChildError::AlreadyStarted { child }) = second else {
        panic!("{second:?}");
    };
    assert_eq!(child.incarnation(), first.incarnation());
    story.stops_cleanly("+pool/w -pool/w -pool -.").await;
}

#[tokio::test(start_paused = true)]
async fn ractor_07_a_kill_is_a_failure() {
    let child = idle("w").restart(Restart::Transient);
    let mut story = Story::start(root().child(child), "+w +.").await;
    story.kill("w").unwrap();
    story.told("!w +w").await;
    story.stops_cleanly("-w -.").await;
}

#[tokio::test(start_paused = true)]
async fn ractor_08_a_task_is_up_while_it_works_and_sees_that_it_must_stop() {
    let child = Worker::new("w", |ctx: Context| async move {
        loop {
            ctx.until_stopped(sleep(MS)).await?;
        }
        #[expect(unreachable_code, reason = "it tells what the body returns")]
        Ok::<(), regrow::Stopped>(())
    });
    let story = Story::start(root().child(child), "+w +.").await;
    sleep(SECOND).await;
    assert_eq!(story.child("w").unwrap().state(), ChildState::Up);
    story.stops_cleanly("-w -.").await;
}

#[tokio::test(start_paused = true)]
async fn ractor_10_a_slow_start_holds_up_nobody() {
    let w = Puppet::new("w");
    let slow = Puppet::new("slow").asking();
    let mut story = Story::start(root().child(w.worker()), "+w +.").await;
    let starts = tokio::spawn({
        let (root, slow) = (story.clone(), slow.worker());
        async move { root.start_child(slow).await.map(drop) }
    });
    slow.asked().await;
    w.fails();
    story.told("!w +w").await;
    slow.tell(crate::puppet::Act::Complete);
    story.told("+slow").await;
    starts.await.unwrap().unwrap();
    story.stops_cleanly("-slow -w -.").await;
}

#[tokio::test(start_paused = true)]
async fn ractor_12_a_child_that_hangs_in_its_start_ends_with_its_supervisor() {
    let a = Puppet::new("a");
    let root = root().child(Supervisor::new("s").child(a.worker()));
    let mut story = Story::start(root, "+s/a +s +.").await;
    let s = story.supervisor("s").unwrap();
    let start = tokio::spawn(async move { s.start_child(hanging("b")).await });
    sleep(MS).await;
    story.kill("s").unwrap();
    story.told("{!s/b !s/a} !s +s/a +s").await;
    assert!(start.await.unwrap().is_err());
    let s = story.supervisor("s").unwrap();
    assert_eq!((s.count().specs, a.alive()), (1, 1));
    story.stops_cleanly("-s/a -s -.").await;
}
