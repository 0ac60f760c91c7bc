//! The laws that a branch has beside those of all supervisors.
use crate::book::{Book, Law, Scope, Told, law};
use regrow_core::{Life, engine::Reason};

impl Book {
    /// Whether it is the child's turn among those that entered with it: they begin in their order,
    /// and do not wait for each other to be up.
    pub(crate) fn check_place(&self, id: usize, life: Life) -> Law {
        let begins = |&other: &usize| self.children[other].due && self.body(other).is_none();
        let before = |&other: &usize| other < id;
        let first = self
            .scope(Scope::With(self.children[id].with))
            .filter(before)
            .find(begins);
        let text = || format!("{life:?} begins before the child {first:?} of its group");
        law(21, first.is_none(), text)
    }

    /// Whether nobody lives below, and nobody will.
    fn is_bare(&self) -> bool {
        let lives = self.bodies.iter().any(|body| !body.abandoned);
        !lives && !self.children.iter().any(|child| child.due || child.calls)
    }

    /// A branch ends by itself behind a body that was done, when all others have ended.
    pub(crate) fn end_after_body(&mut self, reason: Reason) -> Law {
        let done = self.done.map(Reason::Body);
        if self.ending.is_some() || done != Some(reason) {
            return Ok(());
        }
        law(20, self.is_bare(), || {
            "the branch ends before the last of its children".into()
        })?;
        self.end_for(reason);
        Ok(())
    }

    /// All commands of one event are out, and the branch is not over.
    pub(crate) fn settle_branch(&self) -> Law {
        let done = self.done.is_some() && self.ending.is_none();
        law(20, !done || !self.is_bare(), || {
            "its body is done, nobody lives, and the branch goes on".into()
        })?;
        for body in self.bodies.iter().filter(|body| !body.abandoned) {
            let (life, untold) = (body.life, body.told == Told::Nothing);
            let text = || format!("the branch ends, and {life:?} is told nothing");
            law(20, self.ending.is_none() || !untold, text)?;
            let text = || format!("the group of {life:?} restarts, and it is told nothing");
            law(21, !body.must_end || !untold, text)?;
        }
        for group in self.groups.iter().filter(|group| group.begun) {
            let left = |&id: &usize| self.children[id].due && self.body(id).is_none();
            let left = self.scope(group.scope).find(left);
            let text = || format!("a group began without the child {left:?} of it");
            law(21, left.is_none(), text)?;
        }
        Ok(())
    }
}
