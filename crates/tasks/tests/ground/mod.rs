//! A supervisor that only listens: it spawns lives and writes down what they tell.
use regrow_core::{ChildKind, Incarnation, Life, Name, RuntimeName, Slot};
use regrow_tasks::{
    Abandoned, CustomEvent, Directory, Entry, ExitReason, LifeHandle, Report, Sink, Start, Tree,
    TreeListener,
};
use std::{
    any::Any,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};
use tokio::{sync::Notify, time::Instant};

#[derive(Default)]
struct Book {
    told: Mutex<Vec<String>>,
    end: Mutex<Option<ExitReason>>,
    flag: Mutex<Option<Arc<AtomicBool>>>,
    changed: Notify,
}

pub(crate) struct Ground {
    book: Arc<Book>,
    pub(crate) entry: Arc<Entry>,
}

struct Ear(Arc<Book>);

impl Sink for Ear {
    fn report(&self, _: Life, report: Report) {
        let mut told = self.0.told.lock().unwrap();
        match report {
            Report::Started => told.push("started".into()),
            Report::Ignored => told.push("ignored".into()),
            Report::StartFailed(cause) => told.push(format!("start failed: {cause}")),
            Report::Exited(ended) => {
                told.push(format!("exited: {}", ended.reason));
                let flag = self.0.flag.lock().unwrap();
                if flag
                    .as_ref()
                    .is_some_and(|flag| flag.load(Ordering::SeqCst))
                {
                    told.push("its body was dropped before".into());
                }
                *self.0.end.lock().unwrap() = Some(ended.reason);
            }
        }
        drop(told);
        self.0.changed.notify_waiters();
    }

    fn confirm(&self) {}

    fn kill(&self, _: &Name, _: u64) {}

    fn stop(&self, _: Incarnation, _: Option<Instant>, _: bool) {}

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl TreeListener for Ear {
    fn abandoned_ended(&self, life: &Abandoned, _: ChildKind) {
        let told = format!("{} {} is gone", life.runtime_name, life.incarnation);
        self.0.told.lock().unwrap().push(told);
        self.0.changed.notify_waiters();
    }

    fn emitted(
        &self,
        name: RuntimeName,
        _: ChildKind,
        incarnation: Incarnation,
        event: CustomEvent,
    ) {
        let told = format!("{name} {incarnation} {event}");
        self.0.told.lock().unwrap().push(told);
        self.0.changed.notify_waiters();
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Ground {
    pub(crate) fn new() -> Self {
        let book = Arc::new(Book::default());
        let tree = Arc::new(Tree::new(Box::new(Ear(book.clone()))));
        let directory = Arc::new(Directory::top(tree, Box::new(Ear(book.clone()))));
        let name = Name::new("root").unwrap();
        let entry = Arc::new(Entry::new(name, Slot::FIRST, directory.clone(), None));
        directory.insert(entry.clone());
        Self { book, entry }
    }

    /// Begins the first life.
    pub(crate) fn spawn(&self, start: Start) -> LifeHandle {
        LifeHandle::spawn(self.entry.clone(), Incarnation::new(1), start)
    }

    /// At the end it is looked whether this was set.
    #[allow(dead_code, reason = "not every test binary needs it")]
    pub(crate) fn watch(&self, flag: Arc<AtomicBool>) {
        *self.book.flag.lock().unwrap() = Some(flag);
    }

    pub(crate) fn told(&self) -> Vec<String> {
        self.book.told.lock().unwrap().clone()
    }

    /// Waits until what was told is so.
    pub(crate) async fn until(&self, is_so: impl Fn(&[String]) -> bool) {
        loop {
            let changed = self.book.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if is_so(&self.told()) {
                return;
            }
            changed.await;
        }
    }

    /// Waits for the end of the life.
    pub(crate) async fn exited(&self) -> ExitReason {
        self.until(|told| told.iter().any(|line| line.starts_with("exited")))
            .await;
        self.book.end.lock().unwrap().clone().expect("it was told")
    }
}
