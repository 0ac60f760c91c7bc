//! The supervisor as a state machine: facts go in, commands come out.
//!
//! An [`Engine`] starts nothing, stops nothing and waits for nothing; it never reads a clock. It
//! is told what happened and when, and says what is to be done next.
//!
//! ```text
//!        what happened, and when                      what is to be done
//!  shell ------------------------->  Engine  ------------------------->  shell
//!            Event, Moment                            Command
//! ```
//!
//! A supervisor is a table of children in start order, a want for each, and one walk that closes
//! the gap between what is wanted and what is so: lives that must end, end, last first; lives that
//! are wanted, begin, first first. The first start, the restart of a group, giving up and the
//! shutdown are the same walk over other rows. Under one-for-one a child restarts alone, without
//! any walk. [`DynamicEngine`] has no order and no walk at all, and [`BranchEngine`] has groups
//! that stop at once, and restart each for itself.
//!
//! # The contract with the shell
//!
//! 1. After every `handle` drain `poll_command` to `None` before the next `handle`.
//! 2. For each [`Command::Start`] the shell owes at most one of [`Event::Started`],
//!    [`Event::Ignored`] and [`Event::StartFailed`], and then exactly one [`Event::Exited`], which
//!    may come after [`Command::Abandon`]. A life that must not begin, because an abandoned one of
//!    its runtime name has not ended, exits at once as [`Exit::Blocked`](crate::Exit::Blocked).
//! 3. After [`Command::Ready`] comes one [`Event::Confirmed`], when the world knows that the
//!    supervisor is up. Ends of children that came before are dealt with then.
//! 4. `poll_timeout` is asked after each drain; at or after that moment comes [`Event::Timeout`].
//!    Nothing else wakes the engine.
//! 5. [`Command::End`] is the last word. What is asked for later, the shell answers.
//!
//! # Example
//!
//! The database fails, so the server that was started after it is restarted too:
//!
//! ```
//! use regrow_core::{ChildSpec, Exit, Life, Moment, Name, Strategy};
//! use regrow_core::engine::{Command, Engine, Event, Flags};
//!
//! let spec = |name| ChildSpec::worker(Name::new(name).unwrap(), ());
//! let specs = [spec("db"), spec("http")];
//! let now = Moment::default();
//! let mut engine = Engine::new(Strategy::RestForOne, Flags::default(), specs, now);
//!
//! /// All commands but the notices.
//! fn acts(engine: &mut Engine<()>) -> Vec<Command> {
//!     let commands = std::iter::from_fn(|| engine.poll_command());
//!     commands.filter(|c| !matches!(c, Command::Notice(..) | Command::Enter(_))).collect()
//! }
//!
//! let [Command::Start(db)] = acts(&mut engine)[..] else { panic!() };
//! engine.handle(now, Event::Started(db));
//! let [Command::Start(http)] = acts(&mut engine)[..] else { panic!() };
//! engine.handle(now, Event::Started(http));
//! assert_eq!(acts(&mut engine), [Command::Ready]);
//! engine.handle(now, Event::Confirmed);
//!
//! engine.handle(now, Event::Exited(db, Exit::Panicked));
//! // the database waits until the server is down
//! assert_eq!(acts(&mut engine), [Command::Stop(http, None)]);
//! engine.handle(now, Event::Exited(http, Exit::Stopped));
//! assert!(matches!(acts(&mut engine)[..], [Command::Start(Life { slot, .. })] if slot == db.slot));
//! ```
//!
//! # Laws
//!
//! `tests/explore` checks each at every command, in every interleaving; a mutant in `mutants` shows
//! that the check bites.
//!
//! 1. A child has at most one life at a time, abandoned ones included. The number of a life is
//!    greater than all before it; the body of a branch bears the number of the branch.
//! 2. A life of a wave begins when all earlier rows of the wave are up, or need not be.
//!    [`Command::Ready`] comes once, when all are; in a branch, when its body is.
//! 3. A life is asked to end only when it must be down: for its user, for its start, for its group
//!    in a branch, or for its wave, and then when all later rows of the wave have ended.
//! 4. Nothing of a wave, or of a group, begins while a row of it has a life that must end, nor
//!    before the backoff of the child that failed has passed; no other child begins before its own
//!    has.
//! 5. After [`Command::End`] there is no life but abandoned ones, and nothing comes any more, no
//!    time-out either. It says for what the supervisor ended.
//! 6. While the supervisor ends, nothing begins.
//! 7. Nothing restarts by itself during the first start.
//! 8. A restart that is one more than the tolerance within its window does not happen; each other
//!    one does. The restart of a group counts once.
//! 9. A temporary child lives once, whether it comes up or not, and is forgotten when it is down.
//!    So are a child of a dynamic supervisor that is not started again and one whose first start,
//!    for which somebody waits, came to nothing; no other is unless its user says so.
//! 10. What the user terminated stays down until the user restarts it.
//! 11. A life is asked at most once to end, aborted at most once, and abandoned only when it was
//!     aborted: each when its time is up, and not before. A supervisor is never aborted by time, and
//!     asked again only when its moment has come nearer.
//! 12. Every request is answered exactly once.
//! 13. At rest every child that is to be up is up, and no other: a permanent one always, a
//!     transient one unless it finished. Rest comes after finitely many commands, and no time-out
//!     comes to nothing.
//! 14. Every life that began is told of once as ended, as it ended, when it has or was abandoned,
//!     before anybody is answered about it; and the world is told that a life must end before that
//!     life is.
//! 15. With a deadline, every life is killed by then, and a supervisor below is told it.
//! 16. A stop is called unclean when a life that was asked to end did not end cleanly, and clean
//!     when all did and none failed.
//! 17. An answer is true when it is given.
//! 18. A dynamic supervisor never has more children than it may.
//! 19. A supervisor shuts itself down when a significant child has ended by itself, is not started
//!     again, and is enough of them; and for nothing else.
//! 20. A branch ends by itself when its body has ended and was not done, or when nobody lives below
//!     a body that was done, and nobody will; then, and not before. When it ends, for whatever
//!     reason, all lives are told at once.
//! 21. A group of a branch is there whole, and restarts whole: all its lives are told to end in the
//!     event in which a restart is decided, and all its children that are wanted begin in one
//!     event, in their order.
//! 22. A life whose panic is not captured ends the supervisor at once, and nothing else does so.

mod asks;
mod base;
mod branch;
mod closing;
mod command;
mod dynamic;
mod event;
mod groups;
mod machine;
mod order;
mod ordered;
mod rows;
mod verdict;
mod wave;
mod window;

pub use self::{
    base::Flags,
    branch::BranchEngine,
    command::{Answer, Command, End, Ending, Next, Notice, Reason},
    dynamic::DynamicEngine,
    event::{Ask, Event, Request},
    ordered::Engine,
};
