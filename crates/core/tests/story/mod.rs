//! The words of a story: what happens is read, what the engine makes of it is said.
mod read;
mod say;

use crate::driven::Driven;
use read::{span, spec};
use regrow_core::{
    AutoShutdown, ChildSpec, Exit, Incarnation, Life, Moment, Slot, Strategy, Tolerance,
    engine::{Ask, BranchEngine, Command, DynamicEngine, Engine, Event, Flags, Request},
};
use std::time::Duration;

/// One supervisor whose story is told.
pub(crate) struct Story {
    now: Moment,
    engine: Option<Driven>,
    make: Make,
    /// The name that each slot bears, or bore last.
    names: Vec<String>,
    /// The life that each slot has, or had last.
    lives: Vec<Option<Life>>,
    asks: u64,
    /// What the user asked to be started and has not entered.
    starting: Vec<String>,
}

/// What kind of supervisor it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Ordered(Strategy),
    /// Of at most so many children.
    Dynamic(usize),
    /// Its body is the one child that is told beforehand.
    Branch,
}

/// What the supervisor will be, as far as it was told.
struct Make {
    shape: Shape,
    tolerance: Tolerance,
    auto_shutdown: AutoShutdown,
    specs: Vec<ChildSpec<()>>,
}

impl Story {
    /// Tells one line of a story, and says into `out` what comes of it.
    pub(crate) fn tell(story: &mut Option<Self>, line: &str, out: &mut Vec<String>) {
        let words: Vec<_> = line.split_whitespace().collect();
        match (&words[..], story) {
            (["one-for-one", ..], story) => {
                Self::tell_of(story, Shape::Ordered(Strategy::OneForOne));
            }
            (["one-for-all", ..], story) => {
                Self::tell_of(story, Shape::Ordered(Strategy::OneForAll));
            }
            (["rest-for-one", ..], story) => {
                Self::tell_of(story, Shape::Ordered(Strategy::RestForOne));
            }
            (["dynamic", "of", "at", "most", most], story) => {
                Self::tell_of(story, Shape::Dynamic(most.parse().unwrap()));
            }
            (["branch", ..], story) => Self::tell_of(story, Shape::Branch),
            (["tolerance", limit, "in", window], Some(story)) => {
                story.make.tolerance = Tolerance::new(limit.parse().unwrap(), span(window));
            }
            (["tolerance", limit, "ever"], Some(story)) => {
                story.make.tolerance = Tolerance::ever(limit.parse().unwrap());
            }
            (["shuts", "down", "with", which, "significant"], Some(story)) => {
                story.make.auto_shutdown = match *which {
                    "any" => AutoShutdown::AnySignificant,
                    "all" => AutoShutdown::AllSignificant,
                    _ => panic!("which significant children? {line}"),
                };
            }
            (["child", rest @ ..] | rest @ ["body", ..], Some(story)) if story.engine.is_none() => {
                story.names.push(rest[0].to_owned());
                story.make.specs.push(spec(rest));
            }
            (["it", "starts"], Some(story)) => story.start(out),
            (words, Some(story)) => story.happen(line, words, out),
            (_, None) => panic!("no supervisor: {line}"),
        }
    }

    /// A story of another supervisor begins.
    fn tell_of(story: &mut Option<Self>, shape: Shape) {
        *story = Some(Self {
            now: Moment::default(),
            engine: None,
            make: Make {
                shape,
                tolerance: Tolerance::default(),
                auto_shutdown: AutoShutdown::Never,
                specs: Vec::new(),
            },
            names: Vec::new(),
            lives: Vec::new(),
            asks: 0,
            starting: Vec::new(),
        });
    }

    fn start(&mut self, out: &mut Vec<String>) {
        let flags = Flags {
            tolerance: self.make.tolerance,
            auto_shutdown: self.make.auto_shutdown,
            ..Flags::default()
        };
        self.starting = std::mem::take(&mut self.names);
        let mut specs = std::mem::take(&mut self.make.specs);
        self.engine = Some(match self.make.shape {
            Shape::Ordered(strategy) => {
                Driven::Ordered(Engine::new(strategy, flags, specs, self.now))
            }
            Shape::Dynamic(most) => Driven::Dynamic(DynamicEngine::new(flags, most)),
            Shape::Branch => {
                let body = specs.remove(0);
                let own = Incarnation::new(1);
                Driven::Branch(BranchEngine::new(flags, body, own, self.now))
            }
        });
        self.drain(out);
    }

    fn happen(&mut self, line: &str, words: &[&str], out: &mut Vec<String>) {
        let event = match *words {
            [span_, "pass" | "passes"] => return self.pass(span(span_), out),
            ["the", "tree", "is", "up"] => Event::Confirmed,
            ["shutdown"] => Event::Shutdown(None),
            ["shutdown", "within", within] => Event::Shutdown(Some(self.now.after(span(within)))),
            ["the", "supervisor", "is", "killed"] => Event::Kill,
            ["the", "user", verb, ref rest @ ..] => self.request(verb, rest),
            ["the", "body", "runs", ref rest @ ..] => self.run(rest),
            [who, "is", "up"] => Event::Started(self.life(who)),
            [who, "has", "nothing", "to", "do"] => Event::Ignored(self.life(who)),
            [who, "cannot", "start"] => Event::StartFailed(self.life(who)),
            [who, ref how @ ..] => Event::Exited(self.life(who), exit(line, how)),
            [] => panic!("an empty line"),
        };
        self.handle(event, out);
    }

    fn request(&mut self, verb: &str, rest: &[&str]) -> Event<ChildSpec<()>> {
        self.asks += 1;
        let request = match (verb, rest) {
            ("starts", [name, "again"]) => Request::StartTwin(self.slot(name)),
            ("starts", rest) => {
                self.starting.push(rest[0].to_owned());
                Request::Start(spec(rest))
            }
            ("terminates", [name]) => Request::Terminate(self.slot(name)),
            ("restarts", [name]) => Request::Restart(self.slot(name)),
            ("deletes", [name]) => Request::Delete(self.slot(name)),
            ("kills", [name]) => Request::Kill(self.slot(name)),
            _ => panic!("the user cannot do this: {verb} {rest:?}"),
        };
        Event::Request(Ask(self.asks), request)
    }

    /// `a transient and b backoff 1s`: those that are started together are a group.
    fn run(&mut self, children: &[&str]) -> Event<ChildSpec<()>> {
        self.asks += 1;
        let children: Vec<_> = children.split(|&word| word == "and").collect();
        let names = children.iter().map(|child| child[0].to_owned());
        self.starting.extend(names);
        let specs = children.into_iter().map(spec).collect();
        Event::Request(Ask(self.asks), Request::Run(specs))
    }

    /// Lets time pass, and wakes the engine whenever it wants to be.
    fn pass(&mut self, span: Duration, out: &mut Vec<String>) {
        let until = self.now.after(span);
        let due = |story: &Self| story.engine.as_ref().and_then(Driven::poll_timeout);
        while let Some(at) = due(self).filter(|&at| at <= until) {
            self.now = at;
            out.push(format!("at {:?}:", at.since_birth()));
            self.handle(Event::Timeout, out);
        }
        self.now = until;
    }

    fn handle(&mut self, event: Event<ChildSpec<()>>, out: &mut Vec<String>) {
        let engine = self.engine.as_mut().expect("it was started");
        engine.handle(self.now, event);
        self.drain(out);
    }

    fn drain(&mut self, out: &mut Vec<String>) {
        while let Some(command) = self.engine.as_mut().and_then(Driven::poll_command) {
            if let Command::Enter(slot) = command {
                let at = slot.index().min(self.names.len());
                if at == self.names.len() {
                    self.names.push(String::new());
                    self.lives.push(None);
                }
                self.names[at] = self.starting.remove(0);
            }
            if let Command::Start(life) = command {
                self.lives[life.slot.index()] = Some(life);
            }
            out.push(self.say(&command));
        }
        // who was not let in has no name
        self.starting.clear();
    }

    /// The life of this name, or the one with the number behind it: `db`, `db#1`.
    fn life(&self, who: &str) -> Life {
        let (name, number) = who
            .split_once('#')
            .map_or((who, None), |(n, x)| (n, Some(x)));
        let at = self.names.iter().rposition(|one| one == name);
        let at = at.unwrap_or_else(|| panic!("nobody is called {name}"));
        let mut life = self.lives[at].expect("it has lived");
        if let Some(number) = number {
            life.incarnation = Incarnation::new(number.parse().unwrap());
        }
        life
    }

    fn slot(&self, name: &str) -> Slot {
        self.life(name).slot
    }
}

fn exit(line: &str, how: &[&str]) -> Exit {
    match how {
        ["finishes"] => Exit::Completed,
        ["is", "done"] => Exit::Done,
        ["asks", "for", "another", "life"] => Exit::RestartMe,
        ["stops"] => Exit::Stopped,
        ["fails"] => Exit::Failed,
        ["panics"] => Exit::Panicked,
        ["is", "gone"] => Exit::Killed,
        ["is", "blocked"] => Exit::Blocked,
        _ => panic!("what happens here? {line}"),
    }
}
