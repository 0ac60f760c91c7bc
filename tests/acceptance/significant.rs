//! Significant children, and supervisors that shut themselves down with them (semantics 19).

use regrow::AutoShutdown::{AllSignificant, AnySignificant, Never};
use regrow::Restart::{Permanent, Temporary, Transient};
use regrow::{
    AutoShutdown, Change, Restart, Shutdown, SpecError, StartChildError, StartError, Strategy,
    Supervisor, Worker,
};

use crate::fixtures::idle;
use crate::puppet::Puppet;
use crate::story::{HOUR, SECOND, Story, repeated, root};

stories! {
    both: sup_049_child_specs_map, sup_050_child_specs_map, sup_088_significant_temporary,
    sup_089_significant_temporary, sup_090_significant_temporary, sup_091_significant_temporary,
    sup_092_significant_temporary, sup_093_significant_transient, sup_094_significant_transient,
    sup_095_significant_transient, sup_100_significant_escalation,
    sup_162_the_last_to_end_by_itself, sup_163_beyond_the_tolerance, a_cause_is_told;
    paused: sup_086_nonsignificant_temporary, sup_087_nonsignificant_transient,
    sup_099_significant_bystander, sup_161_one_that_is_stuck_restarting;
}

/// c1 and c2 are significant, c3 is not.
fn three(auto_shutdown: AutoShutdown, restart: Restart) -> (Supervisor, [Puppet; 3]) {
    let puppets = ["c1", "c2", "c3"].map(Puppet::new);
    let [c1, c2, c3] = puppets.each_ref().map(Puppet::worker);
    let root = Supervisor::new("root")
        .auto_shutdown(auto_shutdown)
        .tolerance((5, HOUR))
        .child(c1.restart(restart).significant())
        .child(c2.restart(restart).significant())
        .child(c3.restart(restart));
    (root, puppets)
}

const UP: &str = "+c1 +c2 +c3 +.";

async fn sup_049_child_specs_map() {
    for auto_shutdown in [Never, AnySignificant, AllSignificant] {
        for restart in [Permanent, Transient, Temporary] {
            for shutdown in [Shutdown::Kill, Shutdown::Indefinitely, SECOND.into()] {
                for significant in [false, true] {
                    for is_worker in [false, true] {
                        let child = match (is_worker, significant) {
                            (true, false) => idle("c").restart(restart).shutdown(shutdown).build(),
                            (true, true) => {
                                let worker = idle("c").restart(restart).shutdown(shutdown);
                                worker.significant().build()
                            }
                            (false, false) => {
                                let below = Supervisor::new("c").restart(restart);
                                below.shutdown(shutdown).build()
                            }
                            (false, true) => {
                                let below = Supervisor::new("c").restart(restart);
                                below.shutdown(shutdown).significant().build()
                            }
                        };
                        let built = Supervisor::new("s").auto_shutdown(auto_shutdown);
                        let error = built.child(child).build().err();
                        let expected = match (significant, restart, auto_shutdown) {
                            (false, ..) => "",
                            (true, Permanent, _) => "\"c\" is significant and permanent",
                            (true, _, Never) => "its supervisor \"s\" never shuts itself down",
                            (true, ..) => "",
                        };
                        let error = error.map_or(String::new(), |error| error.to_string());
                        assert_eq!(error.is_empty(), expected.is_empty(), "{error}");
                        assert!(error.contains(expected), "{error}");
                    }
                }
            }
        }
    }
}

async fn sup_050_child_specs_map() {
    let significant = || idle("c").restart(Transient).significant();
    let error = root().child(significant()).start().await.unwrap_err();
    let useless = |error: &SpecError| matches!(error, SpecError::UselessSignificant { .. });
    assert!(
        matches!(&error, StartError::Spec(error) if useless(error)),
        "{error}"
    );
    // Also at run time, and there too before anything is begun.
    let story = Story::start(root(), "+.").await;
    let error = story.start_child(significant()).await.unwrap_err();
    assert!(
        matches!(&error, StartChildError::Spec(error) if useless(error)),
        "{error}"
    );
    assert_eq!(
        error.to_string(),
        "\"c\" is significant, and its supervisor \"root\" never shuts itself down: give that an `auto_shutdown`"
    );
    story.stops_cleanly("-.").await;
}

/// Nobody is significant: whatever becomes of a child, the supervisor stays up.
async fn nobody_is_significant(restart: Restart) {
    for auto_shutdown in [Never, AnySignificant, AllSignificant] {
        let root = Supervisor::new("root").tolerance((5, HOUR));
        let mut story = Story::start(root.auto_shutdown(auto_shutdown), "+.").await;
        let again = if restart == Transient { " +c" } else { "" };
        for how in ["-c", "!c", "!c", "~c"] {
            let puppet = Puppet::new("c");
            let child = story.start_child(puppet.worker().restart(restart));
            let child = child.await.unwrap();
            story.told("+c").await;
            match how {
                "-c" => story.terminate_child("c").await.unwrap(),
                "~c" => puppet.completes(),
                _ if puppet.begun() == 1 && child.restarts() == 0 => child.kill(),
                _ => puppet.fails(),
            }
            let after = if how == "!c" { again } else { "" };
            story.told(&format!("{how}{after}")).await;
            story.quiet(SECOND).await;
            if restart == Transient {
                let _down = story.terminate_child("c").await;
                if how == "!c" {
                    story.told("-c").await;
                }
                story.delete_child("c").await.unwrap();
            }
        }
        story.stops_cleanly("-.").await;
    }
}

async fn sup_086_nonsignificant_temporary() {
    nobody_is_significant(Temporary).await;
}

async fn sup_087_nonsignificant_transient() {
    nobody_is_significant(Transient).await;
}

async fn sup_088_significant_temporary() {
    let (root, _puppets) = three(AnySignificant, Temporary);
    let mut story = Story::start(root, UP).await;
    story.terminate_child("c1").await.unwrap();
    story.told("-c1").await;
    assert!(story.child("c1").is_err());
    story.stops_cleanly("-c3 -c2 -.").await;
}

async fn sup_089_significant_temporary() {
    let (root, [c1, ..]) = three(AnySignificant, Temporary);
    let mut story = Story::start(root, UP).await;
    story.terminate_child("c1").await.unwrap();
    story.told("-c1").await;
    let again = c1.worker().restart(Temporary).significant();
    let child = story.start_child(again).await.unwrap();
    story.told("+c1").await;
    child.kill();
    let exit = story.ends("!c1 -c3 -c2 -.").await;
    assert!(exit.is_orderly(), "{exit}");
}

async fn sup_090_significant_temporary() {
    let (root, [c1, ..]) = three(AnySignificant, Temporary);
    let story = Story::start(root, UP).await;
    c1.fails();
    let exit = story.ends("!c1 -c3 -c2 -.").await;
    assert!(exit.is_orderly(), "{exit}");
}

async fn sup_091_significant_temporary() {
    let (root, [c1, ..]) = three(AnySignificant, Temporary);
    let story = Story::start(root, UP).await;
    c1.completes();
    let exit = story.ends("~c1 -c3 -c2 -.").await;
    assert!(exit.is_orderly() && exit.exit_code() == 0, "{exit}");
}

async fn sup_092_significant_temporary() {
    let (root, [c1, c2, _]) = three(AllSignificant, Temporary);
    let mut story = Story::start(root, UP).await;
    c1.completes();
    story.told("~c1").await;
    c2.completes();
    let exit = story.ends("~c2 -c3 -.").await;
    assert!(exit.is_orderly(), "{exit}");
}

async fn sup_093_significant_transient() {
    let (root, _puppets) = three(AnySignificant, Transient);
    let mut story = Story::start(root, UP).await;
    story.terminate_child("c1").await.unwrap();
    story.told("-c1").await;
    story.stops_cleanly("-c3 -c2 -.").await;
}

async fn sup_094_significant_transient() {
    let (root, [c1, ..]) = three(AnySignificant, Transient);
    let mut story = Story::start(root, UP).await;
    story.terminate_child("c1").await.unwrap();
    story.told("-c1").await;
    let child = story.restart_child("c1").await.unwrap();
    story.told("+c1").await;
    child.kill();
    story.told("!c1 +c1").await;
    c1.fails();
    story.told("!c1 +c1").await;
    story.stops_cleanly("-c3 -c2 -c1 -.").await;
}

async fn sup_095_significant_transient() {
    let (root, [c1, ..]) = three(AnySignificant, Transient);
    let story = Story::start(root, UP).await;
    c1.completes();
    let exit = story.ends("~c1 -c3 -c2 -.").await;
    assert!(exit.is_orderly(), "{exit}");
}

async fn sup_099_significant_bystander() {
    for auto_shutdown in [AnySignificant, AllSignificant] {
        for (strategy, told) in [
            (Strategy::OneForOne, "!c2 +c2"),
            (Strategy::OneForAll, "!c2 -c3 -c1 +c1 +c2 +c3"),
            (Strategy::RestForOne, "!c2 -c3 +c2 +c3"),
        ] {
            let [c1, c2, c3] = ["c1", "c2", "c3"].map(|name| idle(name).restart(Transient));
            let root = Supervisor::new("root").auto_shutdown(auto_shutdown);
            let root = root.strategy(strategy).child(c1.significant());
            let mut story = Story::start(root.child(c2).child(c3.significant()), UP).await;
            story.child("c2").unwrap().kill();
            story.told(told).await;
            story.quiet(SECOND).await;
            story.stops_cleanly("-c3 -c2 -c1 -.").await;
        }
    }
}

async fn sup_100_significant_escalation() {
    let worker = Puppet::new("w");
    let below = Supervisor::new("s2")
        .auto_shutdown(AnySignificant)
        .child(worker.worker().restart(Transient).significant())
        .restart(Transient)
        .significant();
    let root = Supervisor::new("root").auto_shutdown(AnySignificant);
    let story = Story::start(root.child(below), "+s2/w +s2 +.").await;
    worker.completes();
    let exit = story.ends("~s2/w ~s2 -.").await;
    assert!(exit.is_orderly(), "{exit}");
}

async fn sup_161_one_that_is_stuck_restarting() {
    // c2 starts slowly and in vain while its flag is set.
    let (c1, c2) = (Puppet::new("c1"), Puppet::new("c2").flagged());
    let root = Supervisor::new("root")
        .auto_shutdown(AllSignificant)
        .tolerance((1000, HOUR))
        .child(c1.worker().restart(Transient).significant())
        .child(c2.worker().restart(Transient).significant());
    let mut story = Story::start(root, "+c1 +c2 +.").await;
    c2.flag(true);
    c2.fails();
    story.told("!c2").await;
    c1.completes();
    story.told(&format!("~c1 {}", repeated(5, "xc2"))).await;
    c2.flag(false);
    story.told("xc2 +c2").await;
    story.stops_cleanly("-c2 -.").await;
}

async fn sup_162_the_last_to_end_by_itself() {
    let (root, [_, c2, _]) = three(AllSignificant, Transient);
    let mut story = Story::start(root, UP).await;
    story.terminate_child("c1").await.unwrap();
    story.told("-c1").await;
    c2.completes();
    let exit = story.ends("~c2 -c3 -.").await;
    assert!(exit.is_orderly(), "{exit}");
    // The other way about the last one does not end by itself.
    let (root, [c1, ..]) = three(AllSignificant, Transient);
    let mut story = Story::start(root, UP).await;
    c1.completes();
    story.told("~c1").await;
    story.terminate_child("c2").await.unwrap();
    story.told("-c2").await;
    story.stops_cleanly("-c3 -.").await;
}

async fn sup_163_beyond_the_tolerance() {
    let (root, [c1, ..]) = three(AnySignificant, Transient);
    let mut story = Story::start(root.tolerance((1, HOUR)), UP).await;
    c1.fails();
    story.told("!c1 +c1").await;
    c1.fails();
    let exit = story.ends("!c1 -c3 -c2 !.").await;
    assert!(exit.failure().is_some(), "{exit}");
    assert!(!exit.is_orderly(), "{exit}");
}

/// The world is told for which child a supervisor ends by itself.
async fn a_cause_is_told() {
    let below = Supervisor::new("s")
        .auto_shutdown(AnySignificant)
        .child(Worker::once("w", |_| async {}).significant())
        .restart(Transient);
    let mut story = Story::start(root().child(below), "").await;
    let cause = loop {
        let event = story.next().await;
        if let Change::AutoShutdown(child) = event.change {
            break format!("{} with {child}", event.runtime_name);
        }
    };
    assert_eq!(cause, "root/s with root/s/w");
    story.told("~s").await;
    story.stops_cleanly("-.").await;
}
