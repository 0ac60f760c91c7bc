//! Ledgers at work, all the time, each in a thread of its own.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::{self, JoinHandle},
};

use crate::{
    client::Client,
    ledger::{Address, Ledger},
    seed::Seed,
    wait::until,
};

/// Those at work. Those whose test has failed stop too.
pub(crate) struct Ledgers {
    workers: Vec<Worker>,
    stop: Arc<AtomicBool>,
}

struct Worker {
    exchanges: Arc<AtomicU64>,
    thread: JoinHandle<Ledger>,
}

impl Ledgers {
    /// Has so many begin. Their random are those of the players after the test's own.
    pub(crate) fn begin(count: u64, address: &Address, seed: &Seed) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let worker = |number| {
            let name = format!("ledger{number}");
            let ledger = Ledger::new(&name, address.clone(), seed.random(number));
            Worker::begin(ledger, Arc::clone(&stop))
        };
        let workers = (1..=count).map(worker).collect();
        Self { workers, stop }
    }

    /// Waits until each has sent something from now on and has got its replies.
    ///
    /// # Panics
    ///
    /// When one has found a broken promise, or gets nothing within the bound.
    pub(crate) fn go_on(&self) {
        let before: Vec<u64> = self.workers.iter().map(Worker::exchanges).collect();
        for (number, (worker, before)) in self.workers.iter().zip(before).enumerate() {
            until(&format!("ledger{} goes on", number + 1), || {
                assert!(!worker.thread.is_finished(), "a promise is broken");
                // The first of two may have been on its way already.
                (worker.exchanges() >= before + 2).then_some(())
            });
        }
    }

    /// Stops them, and gives them for their checks.
    pub(crate) fn end(mut self) -> Vec<Ledger> {
        self.stop.store(true, Ordering::SeqCst);
        let threads = self.workers.drain(..).map(|worker| worker.thread);
        threads.map(|thread| thread.join().unwrap()).collect()
    }
}

impl Drop for Ledgers {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
    }
}

/// Has each look whether all that it was promised is there.
pub(crate) fn check(ledgers: &mut [Ledger], client: &mut Client) {
    ledgers.iter_mut().for_each(|ledger| ledger.check(client));
}

impl Worker {
    fn begin(mut ledger: Ledger, stop: Arc<AtomicBool>) -> Self {
        let exchanges = ledger.exchanges();
        let thread = thread::spawn(move || {
            while !stop.load(Ordering::SeqCst) {
                ledger.work();
            }
            ledger
        });
        Self { exchanges, thread }
    }

    fn exchanges(&self) -> u64 {
        self.exchanges.load(Ordering::SeqCst)
    }
}
