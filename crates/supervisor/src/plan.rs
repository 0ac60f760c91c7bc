//! What a supervisor with an order is made from.
use crate::{
    build::{Build, NotBuilt},
    build_error::BuildError,
    children::Children,
    driver::Driver,
    error::StartError,
    flags::GivenFlags,
    hub::Hub,
    inbox::Inbox,
    overrides::Amend,
    rules::check_below,
    spec::{ChildSpec, SpecError},
};
use regrow_core::{AutoShutdown, Moment, Name, Strategy, engine::Engine};
use regrow_tasks::{Context, Directory, Ended, Entry, ExitReason, NotifyStart, SharedError, Start};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

/// All that the lives of a supervisor have in common.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) name: Name,
    pub(crate) strategy: Strategy,
    pub(crate) flags: GivenFlags,
    pub(crate) children: Vec<Arc<ChildSpec>>,
    /// Makes the children that come after those, at each start.
    pub(crate) build: Option<Build>,
    /// Sets the numbers of those.
    pub(crate) amend: Option<Amend>,
}

impl Plan {
    /// The start function of a supervisor with this plan.
    pub(crate) fn start(self) -> Start {
        let plan = Arc::new(self);
        let kept = plan.clone();
        let start = Start::supervisor(move |own, notify| {
            let plan = plan.clone();
            async move {
                plan.flags.lend(&own);
                match &plan.build {
                    None => plan.drive(own, notify, &[]).await,
                    // Few supervisors have one: it takes no room in the others.
                    Some(build) => Box::pin(plan.build(build, own, notify)).await,
                }
            }
        });
        start.with_plan(kept)
    }

    pub(crate) fn check(&self, built: &[Arc<ChildSpec>]) -> Result<(), SpecError> {
        let supervisor = &self.name;
        self.flags.check(supervisor)?;
        let mut names = HashSet::new();
        for child in self.children.iter().chain(built) {
            if !names.insert(child.name()) {
                return Err(SpecError::DuplicateName {
                    supervisor: supervisor.clone(),
                    name: child.name().clone(),
                });
            }
            check_below(child, self.flags.tolerance)?;
            if child.is_significant() && self.flags.auto_shutdown == AutoShutdown::Never {
                return Err(SpecError::UselessSignificant {
                    supervisor: supervisor.clone(),
                    child: child.name().clone(),
                });
            }
        }
        Ok(())
    }

    async fn drive(&self, own: Context, notify: NotifyStart, built: &[Arc<ChildSpec>]) -> Ended {
        let driver = Driver::new(own, notify, self.flags.tolerance, |first| {
            let children = self.children.iter().chain(built);
            let specs = children.map(|child| ChildSpec::clone(child));
            let flags = self.flags.flags(first);
            Engine::new(self.strategy, flags, specs, Moment::default())
        });
        driver.run().await
    }

    /// A life whose children are built, and cleaned up after.
    async fn build(&self, build: &Build, own: Context, notify: NotifyStart) -> Ended {
        let below = own.entry().below().expect("a supervisor has a directory");
        let inbox = Inbox::of(below).expect("a supervisor has an inbox");
        let Children {
            specs,
            wrong,
            cleanup,
            is_ignored,
        } = match build.children(&own, below, inbox).await {
            Ok(children) => children,
            Err(NotBuilt::Stopped(ended)) => return ended,
            Err(NotBuilt::Failed(error)) => return not_built(&own, error),
        };
        match self.checked(&own, specs, wrong) {
            Err(error) => {
                let ended = not_built(&own, error);
                // The notifier is kept, because the life tells by its end how its start went.
                cleanup.after(&own, inbox, ended).await
            }
            Ok(_) if is_ignored => {
                let ended = Ended::new(ExitReason::Completed);
                let ended = cleanup.after(&own, inbox, ended).await;
                if !ended.reason.is_abnormal() {
                    notify.ignore();
                }
                ended
            }
            Ok(specs) => {
                self.forget_others(below, &specs);
                let ended = self.drive(own.clone(), notify, &specs).await;
                NotifyStart::told_by_the_end();
                cleanup.after(&own, inbox, ended).await
            }
        }
    }

    /// What was built, if it can be the children of this supervisor.
    fn checked(
        &self,
        own: &Context,
        specs: Vec<Arc<ChildSpec>>,
        wrong: Option<SpecError>,
    ) -> Result<Vec<Arc<ChildSpec>>, BuildError> {
        if let Some(error) = wrong {
            return Err(BuildError::Spec(error));
        }
        let specs = match &self.amend {
            Some(amend) => {
                let amended = (amend.0)(specs, &own.runtime_name());
                amended.map_err(BuildError::Override)?
            }
            None => specs,
        };
        self.check(&specs).map_err(BuildError::Spec)?;
        Ok(specs)
    }

    /// Forgets the children of earlier builds that are not there any more, or are of another sort.
    fn forget_others(&self, directory: &Arc<Directory>, built: &[Arc<ChildSpec>]) {
        let entries = directory.all();
        if entries.is_empty() {
            return;
        }
        let children = self.children.iter().chain(built);
        let specs: HashMap<_, _> = children.map(|child| (child.name(), child)).collect();
        let is_kept = |entry: &Arc<Entry>| {
            specs
                .get(entry.name())
                .is_some_and(|spec| fits(entry, spec))
        };
        let gone: Vec<_> = entries
            .into_iter()
            .filter(|entry| !is_kept(entry))
            .collect();
        for entry in &gone {
            directory.remove(entry.name());
            if let Some(below) = entry.below() {
                below.clear();
            }
        }
        let ward = &Hub::of(directory).ward;
        drop(ward.leave(gone.iter().map(|entry| (entry, false))));
    }
}

/// Whether the child of this entry is of the sort of this spec.
fn fits(entry: &Entry, spec: &ChildSpec) -> bool {
    let below = entry.below().and_then(|below| Inbox::of(below));
    entry.kind() == spec.kind()
        && below.is_none_or(|inbox| inbox.is_dynamic() == spec.start().is_dynamic())
}

fn not_built(own: &Context, cause: BuildError) -> Ended {
    let error = StartError::Build {
        supervisor: own.runtime_name(),
        cause,
        report: Arc::default(),
    };
    Ended::new(ExitReason::Failed(SharedError::new(error)))
}
