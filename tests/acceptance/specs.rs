//! Specs: what is accepted, and what is refused before anything starts.

use std::time::Duration;

use regrow::{
    Backoff, ChildSpec, DynamicSupervisor, IntoChildSpec, Restart, Shutdown, SpecError,
    StartChildError, StartError, Supervisor, Worker,
};

use crate::puppet::Puppet;
use crate::story::{SECOND, Story, counts, root, says};

fn idle(name: &str) -> Worker {
    Puppet::new(name).worker()
}

/// Every spec that can be wrong at run time.
fn wrong() -> Vec<Result<ChildSpec, SpecError>> {
    let long = "x".repeat(256);
    let names = ["", "a/b", "a\nb", "\u{7f}", &long];
    let mut wrong: Vec<_> = names.iter().map(|name| idle(name).build()).collect();
    wrong.push(Supervisor::new("a/b").build());
    wrong.push(DynamicSupervisor::new("").build());
    let window = Duration::ZERO;
    wrong.push(Supervisor::new("s").tolerance((1, window)).build());
    wrong.push(DynamicSupervisor::new("d").tolerance((1, window)).build());
    wrong.push(Supervisor::new("s").child(idle("a/b")).build());
    wrong
}

async fn sup_042_043_136_child_specs() {
    let story = Story::start(root(), "+.").await;
    for wrong in wrong() {
        let built = wrong.as_ref().unwrap_err().to_string();
        let error = story.start_child(wrong).await.unwrap_err();
        assert!(matches!(error, StartChildError::Spec { .. }), "{error:?}");
        assert!(says(&error, &built), "{error:?}: {built}");
    }
    assert!(idle(&"x".repeat(255)).build().is_ok());
    assert_eq!(counts(&story), [0, 0, 0, 0]);
    story.stops_cleanly("-.").await;
}

async fn sup_044_child_specs() {
    let shutdowns = [
        Shutdown::Timeout(Duration::ZERO),
        Shutdown::Timeout(SECOND),
        Shutdown::Indefinitely,
        Shutdown::Kill,
    ];
    let mut story = Story::start(root(), "+.").await;
    for restart in [Restart::Permanent, Restart::Transient, Restart::Temporary] {
        for shutdown in shutdowns {
            let worker = idle("c").restart(restart).shutdown(shutdown);
            let supervisor = Supervisor::new("s").restart(restart).shutdown(shutdown);
            for (spec, name) in [(worker.build(), "c"), (supervisor.build(), "s")] {
                let spec = spec.unwrap();
                assert_eq!((spec.restart(), spec.shutdown()), (restart, shutdown));
                story.start_child(spec).await.unwrap();
                story.told(&format!("+{name}")).await;
                // How it ends depends on the shutdown, and is no part of this.
                let _answer = story.terminate_child(name).await;
                story.next_signed().await;
                if restart != Restart::Temporary {
                    story.delete_child(name).await.unwrap();
                }
            }
        }
    }
    assert_eq!(counts(&story), [0, 0, 0, 0]);
    story.stops("-.").await;
}

async fn sup_045_child_specs() {
    let (one, two) = (Puppet::new("same"), Puppet::new("same"));
    let error = root()
        .child(one.worker())
        .child(two.worker())
        .start()
        .await
        .expect_err("two children of one name");
    assert!(matches!(error, StartError::Spec { .. }), "{error:?}");
    assert!(says(&error, "same"), "{error:?}");
    assert_eq!((one.begun(), two.begun()), (0, 0));
}

async fn sup_046_child_specs() {
    for wrong in wrong() {
        let before = Puppet::new("before");
        let root = root().child(before.worker()).child(wrong);
        let error = root.start().await.expect_err("a wrong spec");
        assert!(matches!(error, StartError::Spec { .. }), "{error:?}");
        assert_eq!(before.begun(), 0);
    }
}

async fn sup_051_sup_flags() {
    let flat = |limit| (limit, Duration::ZERO);
    for limit in [0, 1] {
        let error = Supervisor::new("root").tolerance(flat(limit)).start().await;
        let error = error.expect_err("a zero window");
        assert!(says(&error, "window"), "{error:?}");
    }
    let bare = Supervisor::new("root").tolerance((0, Duration::from_nanos(1)));
    Story::start(bare, "+.").await.stops_cleanly("-.").await;
}

async fn each_form(name: &str, story: &mut Story, spec: impl IntoChildSpec) {
    story.start_child(spec).await.unwrap();
    story.told(&format!("+{name}")).await;
}

async fn sup_131_135_both_forms_of_specs() {
    let c = idle("c").build().unwrap();
    let root = root()
        .child(idle("a"))
        .child(idle("b").build())
        .child(&c)
        .child(Supervisor::new("e"))
        .child(DynamicSupervisor::new("f"))
        .children([idle("g"), idle("h")]);
    let mut story = Story::start(root, "+a +b +c +e +f +g +h +.").await;
    let j = idle("j").build().unwrap();
    each_form("i", &mut story, idle("i")).await;
    each_form("j", &mut story, &j).await;
    each_form("k", &mut story, idle("k").build()).await;
    each_form("l", &mut story, Supervisor::new("l")).await;
    each_form("m", &mut story, DynamicSupervisor::new("m")).await;
    story
        .stops_cleanly("-m -l -k -j -i -h -g -f -e -c -b -a -.")
        .await;
}

/// Capataz counts the failures up to now, we those before this one.
async fn cap_022_024_025_027_backoff() {
    let ms = Duration::from_millis;
    let none = Backoff::exponential(Duration::ZERO, Duration::ZERO).without_jitter();
    assert_eq!(none.wait(0, 0), Duration::ZERO);
    let backoff = Backoff::exponential(ms(10), ms(234)).without_jitter();
    assert_eq!(
        [0, 1, 29].map(|n| backoff.wait(n, 0)),
        [ms(10), ms(20), ms(234)]
    );
}

#[test]
fn a_spec_is_printed_with_all_below() {
    let deep = idle("deep").on_failure(|_, _| async {});
    let spec = Supervisor::new("top").child(Supervisor::new("middle").child(deep));
    let printed = format!("{:?}", spec.build().unwrap());
    for part in ["top", "middle", "deep", "notifies: false", "{Failure}"] {
        assert!(printed.contains(part), "no {part} in {printed}");
    }
}

stories! {
    both:
        cap_022_024_025_027_backoff,
        sup_042_043_136_child_specs,
        sup_044_child_specs,
        sup_045_child_specs,
        sup_046_child_specs,
        sup_051_sup_flags,
        sup_131_135_both_forms_of_specs;
}
