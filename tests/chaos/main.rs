//! Chaos: trees of all kinds of supervisors, whose workers crash, hang and refuse to start or to stop, while users kill, start,
//! terminate, restart and delete what they find, drop what they asked for, and stop the tree in each way that there is.
//!
//! Everything is drawn from one seed. On a paused clock the same seed gives the same story, event for event; on threads the order is the
//! machine's, and the laws hold all the same. A failure names the law, and the seed that broke it.
//!
//! | variable | what it does |
//! |---|---|
//! | `CHAOS_SEEDS` | how many seeds the soak tries: 10 000 without it (`just chaos N`) |
//! | `CHAOS_SEED` | the first of them; with `CHAOS_SEEDS=1`, one seed, whose events are printed |
//!
//! # Laws
//!
//! They are checked at each event, after each deed of a user, at rest, and at the end. `crates/supervisor/mutants` shows that they bite.
//!
//! 1. A child has at most one life at a time, as the bodies say themselves.
//! 2. Events are numbered without a gap, and each follows from what was told of its child before: a life starts, is up, is asked to stop,
//!    and ends once; its number is greater than those before; nothing begins under a supervisor that is down, nor lives after the last event.
//! 3. When an end is told, the body is gone, and all below a supervisor has ended before it.
//! 4. A temporary child never restarts, a transient one not after it completed; nothing begins or restarts under a supervisor that has given
//!    up, or shuts itself down.
//! 5. No supervisor restarts more often than its tolerance bears within its window, and none gives up before.
//! 6. A restart waits for its backoff, which is none where the child has none.
//! 7. What is asked to stop has ended when its shutdown's time has passed.
//! 8. A tree that is stopped within a time has ended by then.
//! 9. An answer is true when it is given, and its event has been told.
//! 10. A request that was dropped before its supervisor looked did not happen.
//! 11. A drawing has each child once, below its own supervisor, and nothing that is down lives.
//! 12. Who subscribes later is told what continues the drawing, without a gap and without a repetition.
//! 13. At rest what must live lives, nothing is half started or half stopped, and events, drawing and bodies agree.
//! 14. At the end nothing is left: no body, no task, no entry, and nothing that a spec held.
//! 15. Whatever is asked is answered, and whoever is asked to end ends.
//! 16. How the tree ended is told to all alike, and fits what came before.
//! 17. One seed has one story.
use std::collections::BTreeMap;
use std::env;
use std::panic;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, Once};
use std::thread;

use tokio::runtime::{Builder, Runtime};

use crate::dice::ms;
use crate::lives::Ground;
use crate::story::{Script, Told};
use crate::users::PATIENCE;

mod dice;
mod lives;
mod plan;
mod reader;
mod story;
mod users;

impl Told {
    /// Fails with the laws that were broken, and with the last events.
    fn judge(self, script: Script) -> Vec<String> {
        let Self { events, wrong } = self;
        if wrong.is_empty() {
            return events;
        }
        let tail = events[events.len().saturating_sub(30)..].join("\n  ");
        panic!(
            "seed {}, {:?}:\n{}\nthe last events:\n  {tail}",
            script.seed,
            script.ground,
            wrong.join("\n")
        );
    }
}

/// The panics that are meant are not printed.
fn quiet() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let loud = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let text = info.payload().downcast_ref::<&str>();
            if !text.is_some_and(|text| text.starts_with("chaos")) {
                loud(info);
            }
        }));
    });
}

fn number(variable: &str) -> Option<u64> {
    env::var(variable).ok()?.parse().ok()
}

fn paused() -> Runtime {
    let mut builder = Builder::new_current_thread();
    builder.enable_time().start_paused(true).build().unwrap()
}

fn threads() -> Runtime {
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(4).enable_all().build().unwrap()
}

/// Keeps a runtime hearing beside blocked threads, as `run` does.
fn beaten<T>(runtime: &Runtime, work: impl Future<Output = T>) -> T {
    let (over, ended) = std::sync::mpsc::channel::<()>();
    let handle = runtime.handle().clone();
    let beat = thread::spawn(move || {
        let timed_out = Err(std::sync::mpsc::RecvTimeoutError::Timeout);
        while ended.recv_timeout(ms(5)) == timed_out {
            drop(handle.spawn(async {}));
        }
    });
    let done = runtime.block_on(work);
    drop(over);
    beat.join().unwrap();
    done
}

const fn soaked(seed: u64) -> Script {
    Script {
        seed,
        ground: Ground::Paused,
        is_storm: false,
    }
}

const fn storm(seed: u64, ground: Ground) -> Script {
    Script {
        seed,
        ground,
        is_storm: true,
    }
}

/// Many small stories. Which laws were broken, by how many seeds, and the first of these in full.
#[test]
fn the_laws_hold_for_many_seeds() {
    quiet();
    let seeds = number("CHAOS_SEEDS").unwrap_or(10_000);
    let first = number("CHAOS_SEED").unwrap_or(1);
    let next = AtomicU64::new(first);
    let broken = Mutex::new(BTreeMap::new());
    let told = AtomicU64::new(0);
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Relaxed);
                    if seed >= first + seeds {
                        break;
                    }
                    let Told { events, wrong } = paused().block_on(soaked(seed).play());
                    told.fetch_add(events.len() as u64, Relaxed);
                    if seeds == 1 {
                        println!("{}", events.join("\n"));
                    }
                    if !wrong.is_empty() {
                        broken.lock().unwrap().insert(seed, wrong);
                    }
                }
            });
        }
    });
    let broken = broken.into_inner().unwrap();
    println!("{seeds} seeds, {} events", told.into_inner());
    for wrong in broken.iter().take(20) {
        println!("seed {}: {}", wrong.0, wrong.1.join("\n  "));
    }
    let seeds: Vec<_> = broken.keys().take(20).collect();
    assert!(
        broken.is_empty(),
        "{} seeds break laws: {seeds:?}; see one with CHAOS_SEEDS=1 CHAOS_SEED=",
        broken.len()
    );
}

#[test]
fn a_seed_repeats_its_story() {
    quiet();
    for script in (1..40).map(soaked).chain([storm(1, Ground::Paused)]) {
        let one = paused().block_on(script.play()).judge(script);
        let other = paused().block_on(script.play()).judge(script);
        let differs = one.iter().zip(&other).find(|(one, other)| one != other);
        assert_eq!(differs, None, "law 17: {script:?} has two stories");
    }
}

#[test]
fn the_laws_hold_in_storms() {
    quiet();
    for script in (1..8).map(|seed| storm(seed, Ground::Paused)) {
        paused().block_on(script.play()).judge(script);
    }
}

#[test]
fn the_laws_hold_on_threads() {
    quiet();
    for script in (1..3).map(|seed| storm(seed, Ground::Threads)) {
        threads().block_on(script.play()).judge(script);
    }
}

#[test]
fn the_laws_hold_beside_blocked_threads() {
    quiet();
    for script in (1..3).map(|seed| storm(seed, Ground::Blocked)) {
        let runtime = threads();
        beaten(&runtime, script.play()).judge(script);
        runtime.shutdown_timeout(PATIENCE);
    }
}
