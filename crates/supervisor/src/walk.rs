//! A walk over a declared tree that sets numbers in it.
use crate::{
    branch::BranchPlan,
    drained::Drained,
    dynamic::DynamicPlan,
    flags::GivenFlags,
    overrides::{Amend, Override, OverrideError},
    plan::Plan,
    rules::Rules,
    spec::{ChildSpec, SpecError},
    supervisor::Supervisor,
};
use regrow_core::{ChildKind, Name, Tolerance};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Overrides by runtime name.
type Overrides = BTreeMap<String, Override>;

impl Supervisor {
    /// The same root with other numbers, by runtime name (`root/web/acceptor`): for what people set
    /// who do not write the code. The crate `regrow-config` reads them from a file.
    ///
    /// Names below a supervisor with a [build function](Self::build_with) are accepted as they
    /// are, and applied to what is built; a name that no build has is never noticed. What a dynamic
    /// supervisor or a branch starts has its numbers where it is started.
    ///
    /// ```
    /// use regrow_supervisor::{Override, Supervisor, Worker};
    /// use std::time::Duration;
    ///
    /// let db = Worker::new("db", |ctx| async move { ctx.stopped().await });
    /// let patient = Override {
    ///     shutdown: Some(Duration::from_secs(60).into()),
    ///     ..Override::default()
    /// };
    /// let root = Supervisor::new("root").child(db);
    /// assert!(root.clone().override_with([("root/db".into(), patient.clone())]).is_ok());
    /// assert!(root.override_with([("root/bd".into(), patient)]).is_err());
    /// ```
    ///
    /// # Errors
    ///
    /// All that is wrong with them ([`OverrideError`]). What is wrong with the code is told by the
    /// start, as ever.
    pub fn override_with(
        self,
        overrides: impl IntoIterator<Item = (String, Override)>,
    ) -> Result<Self, Vec<OverrideError>> {
        let Some(plan) = self.plan() else {
            return Ok(self);
        };
        let all = overrides.into_iter().collect();
        let mut walk = Walk::new(&all);
        let name = plan.name.as_str().to_owned();
        let given = walk.take(&name);
        if let Some(given) = &given {
            walk.refuse_rules(&name, given);
        }
        let plan = walk.plan(&plan, &name, &given.unwrap_or_default());
        walk.known.entry(String::new()).or_default().push(name);
        walk.rest();
        if walk.errors.is_empty() {
            Ok(self.with_numbers_of(plan))
        } else {
            Err(walk.errors)
        }
    }
}

/// Sets the numbers of children of a build.
fn amend(overrides: Overrides) -> Amend {
    Amend(Arc::new(move |specs, supervisor| {
        let supervisor = supervisor.as_str();
        let mut walk = Walk::new(&overrides);
        let specs = specs.iter().map(|spec| {
            let at = join(supervisor, spec.name().as_str());
            walk.spec(spec, &at)
        });
        let specs = specs.collect();
        match walk.errors.into_iter().next() {
            Some(error) => Err(error),
            None => Ok(specs),
        }
    }))
}

fn join(above: &str, name: &str) -> String {
    format!("{above}/{name}")
}

fn is_below(name: &str, above: &str) -> bool {
    name.strip_prefix(above)
        .is_some_and(|rest| rest.starts_with('/'))
}

/// A walk over a declared tree, as far as it is to be changed.
struct Walk<'a> {
    all: &'a Overrides,
    used: BTreeSet<String>,
    errors: Vec<OverrideError>,
    /// The names under each supervisor that was visited.
    known: BTreeMap<String, Vec<String>>,
    /// Supervisors whose children are built.
    built: Vec<String>,
    /// Supervisors whose children are started at run time.
    at_run_time: Vec<String>,
}

impl<'a> Walk<'a> {
    const fn new(all: &'a Overrides) -> Self {
        Self {
            all,
            used: BTreeSet::new(),
            errors: Vec::new(),
            known: BTreeMap::new(),
            built: Vec::new(),
            at_run_time: Vec::new(),
        }
    }

    fn take(&mut self, at: &str) -> Option<Override> {
        let given = self.all.get(at)?;
        self.used.insert(at.to_owned());
        Some(given.clone())
    }

    fn is_concerned(&self, at: &str) -> bool {
        let mut names = self.all.keys();
        names.any(|name| name == at || is_below(name, at))
    }

    fn wrong(&mut self, at: &str, error: SpecError) {
        let name = at.to_owned();
        self.errors.push(OverrideError::Spec { name, error });
    }

    fn useless(&mut self, at: &str, is_given: bool, key: &'static str, whose: &'static str) {
        if is_given {
            let name = at.to_owned();
            self.errors
                .push(OverrideError::Useless { name, key, whose });
        }
    }

    /// A root is nobody's child.
    fn refuse_rules(&mut self, at: &str, given: &Override) {
        let whose = "a child of a supervisor";
        self.useless(at, given.shutdown.is_some(), "shutdown", whose);
        self.useless(at, given.start_timeout.is_some(), "start_timeout", whose);
        self.useless(at, given.backoff.is_some(), "backoff", whose);
        self.useless(at, given.own_tolerance.is_some(), "own_tolerance", whose);
    }

    fn spec(&mut self, spec: &Arc<ChildSpec>, at: &str) -> Arc<ChildSpec> {
        if !self.is_concerned(at) {
            return spec.clone();
        }
        let given = self.take(at).unwrap_or_default();
        let mut new = ChildSpec::clone(spec);
        let drained = spec.start().plan::<Drained>();
        if let Some(drained) = drained {
            new = drained.undo(new);
        }
        new = self.start(new, at, &given);
        new = match rules(new, &given) {
            Ok(new) => new,
            Err(error) => {
                self.wrong(at, error);
                return spec.clone();
            }
        };
        if let Some(drained) = drained {
            match drained.on(new) {
                Ok(drained) => new = drained,
                Err(error) => {
                    self.wrong(at, error);
                    return spec.clone();
                }
            }
        }
        Arc::new(new)
    }

    /// What concerns the child itself as a supervisor.
    fn start(&mut self, spec: ChildSpec, at: &str, given: &Override) -> ChildSpec {
        let supervisor = "a supervisor";
        if spec.kind() == ChildKind::Worker {
            self.useless(at, given.tolerance.is_some(), "tolerance", supervisor);
            self.useless(at, given.kill_wait.is_some(), "kill_wait", supervisor);
        }
        let start = if let Some(plan) = spec.start().plan::<Plan>() {
            Some(self.plan(plan, at, given).start())
        } else if let Some(plan) = spec.start().plan::<DynamicPlan>() {
            self.at_run_time.push(at.to_owned());
            let mut plan = plan.clone();
            plan.flags = self.flags(plan.flags, spec.name(), at, given);
            plan.most = given.max_children.unwrap_or(plan.most);
            return spec.with_start(plan.start());
        } else if let Some(plan) = spec.start().plan::<BranchPlan>() {
            self.at_run_time.push(at.to_owned());
            let mut plan = plan.clone();
            plan.flags = self.flags(plan.flags, spec.name(), at, given);
            Some(plan.start())
        } else {
            None
        };
        let whose = "a dynamic supervisor";
        self.useless(at, given.max_children.is_some(), "max_children", whose);
        match start {
            Some(start) => spec.with_start(start),
            None => spec,
        }
    }

    fn plan(&mut self, plan: &Plan, at: &str, given: &Override) -> Plan {
        let mut plan = plan.clone();
        plan.flags = self.flags(plan.flags, &plan.name, at, given);
        let children = plan.children.iter().map(|child| {
            let below = join(at, child.name().as_str());
            self.known
                .entry(at.to_owned())
                .or_default()
                .push(below.clone());
            self.spec(child, &below)
        });
        plan.children = children.collect();
        if plan.build.is_some() {
            self.built.push(at.to_owned());
            let below = self.all.iter().filter(|(name, _)| is_below(name, at));
            let below = below.map(|(name, given)| (name.clone(), given.clone()));
            plan.amend = Some(amend(below.collect()));
        }
        if let Err(error) = plan.check(&[]) {
            self.wrong(at, error);
        }
        plan
    }

    fn flags(&mut self, flags: GivenFlags, name: &Name, at: &str, given: &Override) -> GivenFlags {
        let tolerance = given.tolerance.unwrap_or(flags.tolerance);
        let new = GivenFlags {
            tolerance: tolerance.then(flags.tolerance.at_limit()),
            kill_wait: given.kill_wait.unwrap_or(flags.kill_wait),
            ..flags.clone()
        };
        match new.check(name) {
            Ok(()) => new,
            Err(error) => {
                self.wrong(at, error);
                flags
            }
        }
    }

    /// Tells of the names that nobody has.
    fn rest(&mut self) {
        for name in self.all.keys().filter(|name| !self.used.contains(*name)) {
            let above = |names: &[String]| {
                let above = names.iter().find(|above| is_below(name, above));
                above.cloned()
            };
            if above(&self.built).is_some() {
                continue;
            }
            let name = name.clone();
            self.errors.push(match above(&self.at_run_time) {
                Some(supervisor) => OverrideError::AtRunTime { name, supervisor },
                None => {
                    let nearest = self.known.iter().rev();
                    let mut nearest = nearest.filter(|(above, _)| is_below(&name, above));
                    let known = nearest.next().or_else(|| self.known.first_key_value());
                    let known = known.map(|(_, names)| names.clone()).unwrap_or_default();
                    OverrideError::Unknown { name, known }
                }
            });
        }
    }
}

/// What concerns it as the child of another.
fn rules(mut spec: ChildSpec, given: &Override) -> Result<ChildSpec, SpecError> {
    if given.backoff == Some(None) {
        spec = spec.with_backoff(None);
    }
    let before = spec.tolerance();
    let own = given.own_tolerance.or(before);
    let at_limit = before.map(Tolerance::at_limit).unwrap_or_default();
    let rules = Rules {
        shutdown: given.shutdown,
        start_timeout: given.start_timeout,
        backoff: given.backoff.clone().flatten(),
        significant: spec.is_significant(),
        own_tolerance: own.map(|own| own.then(at_limit)),
        lets_panics_out: !spec.captures_panic(),
        on_abandoned: spec.on_abandoned(),
        ..Rules::default()
    };
    let spec = rules.apply(spec)?;
    if spec.start_timeout().is_some() && !spec.start().notifies() {
        let child = spec.name().clone();
        return Err(SpecError::UselessStartTimeout { child });
    }
    Ok(spec)
}
