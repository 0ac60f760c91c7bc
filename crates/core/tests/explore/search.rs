//! Breadth first through all that can happen to one supervisor.
use crate::{
    book::Broken,
    setup::Setup,
    world::{Action, World},
};
use std::{
    collections::{HashSet, VecDeque},
    fmt::Write,
    hash::{BuildHasherDefault, Hash, Hasher},
};

/// The most steps without trouble after which a supervisor must be at rest or over.
const LONGEST: u16 = 200;

/// How much was seen.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) states: usize,
    pub(crate) edges: usize,
}

/// One state that is to be left in every way.
struct Node {
    world: World,
    step: usize,
    /// The steps since the last trouble.
    calm: u16,
}

/// How a state was reached first: from which, by what.
type Step = (usize, Option<Action>);

/// Goes everywhere. Panics at the first law that does not hold, with the way there.
pub(crate) fn search(setup: &Setup, troubles: u8) -> Seen {
    let mut search = Search {
        setup,
        steps: vec![(0, None)],
        seen: HashSet::default(),
        todo: VecDeque::new(),
        edges: 0,
    };
    match World::new(setup, troubles) {
        Ok(world) => search.reach(world, 0, 0, None),
        Err(broken) => search.fail(0, None, &broken),
    }
    while let Some(node) = search.todo.pop_front() {
        search.leave(&node);
    }
    Seen {
        states: search.seen.len(),
        edges: search.edges,
    }
}

struct Search<'a> {
    setup: &'a Setup,
    steps: Vec<Step>,
    /// The states by a hash of theirs: 64 bits are enough to tell a few hundred thousand apart.
    seen: HashSet<u64, BuildHasherDefault<Fold>>,
    todo: VecDeque<Node>,
    edges: usize,
}

impl Search<'_> {
    fn leave(&mut self, node: &Node) {
        let world = &node.world;
        let must = world.must(self.setup);
        if must.is_empty() && !world.is_over() {
            if let Err(broken) = world.check_rest() {
                self.fail(node.step, None, &broken);
            }
        }
        for action in must.into_iter().chain(world.may()) {
            self.go(node, action, world.left, node.calm + 1);
        }
        for action in world.trouble(self.setup) {
            self.go(node, action, world.left - 1, 0);
        }
    }

    fn go(&mut self, node: &Node, action: Action, left: u8, calm: u16) {
        self.edges += 1;
        match node.world.act(self.setup, action) {
            Ok(mut world) => {
                world.left = left;
                self.reach(world, node.step, calm, Some(action));
            }
            Err(broken) => self.fail(node.step, Some(action), &broken),
        }
    }

    fn reach(&mut self, world: World, from: usize, calm: u16, action: Option<Action>) {
        let mut hasher = Fold::default();
        world.hash(&mut hasher);
        if !self.seen.insert(hasher.finish()) {
            return;
        }
        let step = self.steps.len();
        self.steps.push((from, action));
        if calm > LONGEST {
            let text = "it never comes to rest".into();
            self.fail(step, None, &Broken { law: 13, text });
        }
        self.todo.push_back(Node { world, step, calm });
    }

    fn fail(&self, mut step: usize, last: Option<Action>, broken: &Broken) -> ! {
        let mut way = Vec::from_iter(last);
        while step != 0 {
            let (before, action) = self.steps[step];
            way.extend(action);
            step = before;
        }
        let mut text = String::new();
        for action in way.iter().rev() {
            let _ = write!(text, "\n    {action:?}");
        }
        let Setup { shape, .. } = self.setup;
        let restarts: Vec<_> = self.setup.rules.iter().map(|rule| rule.restart()).collect();
        let Broken { law, text: what } = broken;
        panic!("law {law}: {what}\n  {shape:?} {restarts:?}{text}");
    }
}

/// A quick hash, the same in every run.
#[derive(Clone, Copy, Default)]
struct Fold(u64);

impl Hasher for Fold {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.write_u64(u64::from_le_bytes(word));
        }
    }

    fn write_u64(&mut self, word: u64) {
        let product = u128::from(self.0 ^ word ^ 0x2d35_8dcc_aa6c_78a5)
            * u128::from(0x9e37_79b9_7f4a_7c15_u64);
        self.0 = ((product >> 64) ^ product) as u64;
        self.0 = self.0.wrapping_add(0x8bb8_4b93_962e_acc9).rotate_left(23);
    }

    fn write_u8(&mut self, word: u8) {
        self.write_u64(word.into());
    }

    fn write_u32(&mut self, word: u32) {
        self.write_u64(word.into());
    }

    fn write_usize(&mut self, word: usize) {
        self.write_u64(word as u64);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
