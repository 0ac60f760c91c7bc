//! The crasher: an operator who strikes whatever there is, and who loses its own connection by that now and then.

use crate::{
    client::{Client, Reply},
    ledger::Address,
    random::Random,
    wait::until,
};

/// A connection that is there, whichever.
const A_CONNECTION: &str = "root/front/connections/?";

/// All that can be crashed.
const EVERYTHING: [&str; 10] = [
    "root/data",
    "root/data/store",
    "root/data/upkeep",
    "root/data/upkeep/flusher",
    "root/data/upkeep/rewriter",
    "root/data/upkeep/sweeper",
    "root/front",
    "root/front/connections",
    A_CONNECTION,
    "root/front/listener",
];

/// Those that the own connection does not depend on.
const SUPERVISORS: [&str; 2] = ["root/data", "root/data/upkeep"];

const FAULTS: [&str; 4] = ["error", "panic", "hang", "kill"];

pub(crate) struct Crasher {
    address: Address,
    random: Random,
    client: Client,
    /// What is struck next, the last first.
    plan: Vec<(&'static str, &'static str)>,
}

impl Crasher {
    pub(crate) fn new(address: &Address, random: Random) -> Self {
        Self {
            address: address.clone(),
            random,
            client: address.connect(),
            plan: Vec::new(),
        }
    }

    /// Strikes the next: everything comes with every fault, in an order of chance, before anything comes again.
    pub(crate) fn crash(&mut self) {
        let (name, fault) = match self.plan.pop() {
            Some(next) => next,
            None => self.draw(),
        };
        match name {
            "root/front" | "root/front/connections" => self.strike_own(name, fault),
            A_CONNECTION => {
                let name = self.strike_any_connection(fault);
                self.end_hang(&name, fault);
            }
            _ => {
                self.strike(name, fault);
                // On a supervisor a hang is a kill.
                if !SUPERVISORS.contains(&name) {
                    self.end_hang(name, fault);
                }
            }
        }
    }

    /// Strikes a child that the own connection does not depend on.
    pub(crate) fn strike(&mut self, name: &str, fault: &str) {
        until(&format!("{name} is struck: {fault}"), || {
            (self.ask(&["CRASH", name, fault]) == Reply::ok()).then_some(())
        });
    }

    /// Has the server do what gives it work: to rewrite its log, and to sweep keys away.
    pub(crate) fn give_work(&mut self) {
        for number in 0..50 {
            let (key, life) = (format!("brief:{number}"), self.random.below(100) + 1);
            let set = ["SET", &key, "value", "PX", &life.to_string()];
            assert_eq!(self.ask(&set), Reply::ok());
        }
        // One that runs already, or begins of itself, will do.
        match self.ask(&["BGREWRITEAOF"]) {
            Reply::Simple(_) => {}
            Reply::Error(error) if error.contains("already in progress") => {}
            other => panic!("no rewriting: {other:?}"),
        }
    }

    /// Asks, on a new connection when the old one has ended.
    fn ask(&mut self, words: &[&str]) -> Reply {
        until("the server answers the crasher", || {
            let reply = self.client.try_ask(words);
            if reply.is_err() {
                self.client = self.address.connect();
            }
            reply.ok()
        })
    }

    /// Strikes what takes the own connection along. That it was struck shows by that, if the reply does not come any more.
    fn strike_own(&mut self, name: &str, fault: &str) {
        until(&format!("{name} is struck: {fault}"), || {
            self.ask(&["PING"]);
            let refused = matches!(
                self.client.try_ask(&["CRASH", name, fault]),
                Ok(Reply::Error(_))
            );
            (!refused).then_some(())
        });
        self.client.until_closed();
        self.client = self.address.connect();
    }

    /// Strikes a connection that is there, but not the own one, and gives its name.
    fn strike_any_connection(&mut self, fault: &str) -> String {
        until("a connection is struck", || {
            let Reply::Integer(own) = self.ask(&["CLIENT", "ID"]) else {
                panic!("no number")
            };
            let own = own.to_string();
            let mut numbers = self.connections();
            numbers.retain(|number| *number != own);
            if numbers.is_empty() {
                return None;
            }
            let number = &numbers[self.random.below(numbers.len())];
            let name = format!("root/front/connections/{number}");
            (self.ask(&["CRASH", &name, fault]) == Reply::ok()).then_some(name)
        })
    }

    /// The numbers of the connections: in the drawing they are the only names that are numbers.
    fn connections(&mut self) -> Vec<String> {
        let children = self.ask(&["TREE"]).children().into_iter();
        let names = children.map(|(name, _)| name);
        names
            .filter(|name| name.bytes().all(|byte| byte.is_ascii_digit()))
            .collect()
    }

    fn end_hang(&mut self, name: &str, fault: &str) {
        if fault == "hang" {
            // That it will hang is told before it does: some replies later it does.
            for _ in 0..20 {
                self.ask(&["PING"]);
            }
            self.strike(name, "kill");
        }
    }

    fn draw(&mut self) -> (&'static str, &'static str) {
        let all = EVERYTHING
            .iter()
            .flat_map(|&name| FAULTS.map(|fault| (name, fault)));
        self.plan = all.collect();
        self.random.shuffle(&mut self.plan);
        self.plan.pop().unwrap()
    }
}
