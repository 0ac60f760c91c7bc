//! The server and a real Redis, asked the same.

use std::collections::BTreeSet;

use crate::{
    agreement::agree,
    client::{Client, Reply, encode},
    directory::Directory,
    real_redis::RealRedis,
    sequence::Step,
    server::Server,
    word::Word,
};

/// More pages than an iteration over so few keys can have.
const PAGES: usize = 10_000;

/// A connection to each, and the two servers.
pub(crate) struct Pair {
    pub(crate) ours: Client,
    pub(crate) redis: Client,
    _server: Server,
    _directory: Directory,
    _real: RealRedis,
}

/// The replies of both to the step of that number, which should be the same.
pub(crate) struct Difference {
    pub(crate) step: usize,
    pub(crate) ours: Reply,
    pub(crate) redis: Reply,
}

impl Pair {
    /// Starts both, unless there is no Redis: then the test is to end here.
    pub(crate) fn start(test: &str) -> Option<Self> {
        let real = RealRedis::find(test)?;
        let directory = Directory::new();
        let server = Server::start(&directory);
        Some(Self {
            ours: server.connect(),
            redis: real.connect(),
            _server: server,
            _directory: directory,
            _real: real,
        })
    }

    /// Asks both, and gives the reply.
    ///
    /// # Panics
    ///
    /// When they do not agree.
    pub(crate) fn ask(&mut self, words: &[&str]) -> Reply {
        let (ours, redis) = (self.ours.ask(words), self.redis.ask(words));
        assert!(
            agree(words, &ours, &redis),
            "{words:?}\nkv    {ours:?}\nredis {redis:?}"
        );
        ours
    }

    /// Does the steps on both, as one pipeline as far as nobody iterates, up to the first difference.
    pub(crate) fn run(&mut self, steps: &[Step]) -> Result<(), Difference> {
        let mut number = 0;
        for part in steps.split_inclusive(|step| matches!(step, Step::Scan(_))) {
            let pipeline: Vec<u8> = part.iter().flat_map(request).collect();
            self.ours.write(&pipeline);
            self.redis.write(&pipeline);
            for step in part {
                number += 1;
                let [ours, redis] =
                    [&mut self.ours, &mut self.redis].map(|client| outcome(client, step));
                let agreed = match step {
                    Step::Ask(command) => agree(command, &ours, &redis),
                    Step::Scan(_) => ours == redis,
                };
                if !agreed {
                    let step = number;
                    return Err(Difference { step, ours, redis });
                }
            }
        }
        Ok(())
    }
}

/// What goes out ahead of the replies.
fn request(step: &Step) -> Vec<u8> {
    match step {
        Step::Ask(command) => encode(command),
        Step::Scan(_) => Vec::new(),
    }
}

fn outcome(client: &mut Client, step: &Step) -> Reply {
    match step {
        Step::Ask(_) => client.reply(),
        Step::Scan(options) => scan(client, options),
    }
}

/// All keys of an iteration from the first cursor to the last, in order and each once; or the reply that is none of SCAN.
fn scan(client: &mut Client, options: &[Word]) -> Reply {
    let mut found = BTreeSet::new();
    let mut cursor = Reply::value("0");
    for _ in 0..PAGES {
        let Reply::Bulk(Some(place)) = cursor else {
            return cursor;
        };
        let command = [vec![b"SCAN".to_vec(), place], options.to_vec()].concat();
        match client.ask(&command) {
            Reply::Array(page) => match <[Reply; 2]>::try_from(page) {
                Ok([next, Reply::Array(keys)]) => {
                    found.extend(keys);
                    if next == Reply::value("0") {
                        return Reply::Array(found.into_iter().collect());
                    }
                    cursor = next;
                }
                Ok(page) => return Reply::Array(page.into()),
                Err(page) => return Reply::Array(page),
            },
            reply => return reply,
        }
    }
    panic!("the iteration does not end")
}
