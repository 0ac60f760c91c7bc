//! Chance that can be repeated.
use std::{
    env,
    hash::{BuildHasher, RandomState},
    thread,
};

/// A number to draw a test's chance from; it is printed when the test fails.
///
/// ```
/// use regrow_testing::Seed;
///
/// // REGROW_SEED=7 cargo test draws the same again.
/// let seed = Seed::from_env("REGROW_SEED");
/// let tree = regrow_supervisor::Supervisor::new("root").seed(seed.number());
/// # let _ = tree;
/// ```
#[derive(Debug)]
pub struct Seed {
    variable: String,
    number: u64,
}

impl Seed {
    /// The number in this variable of the environment; without one, another one each time.
    ///
    /// # Panics
    ///
    /// When the variable holds no number: a typing error must not look like a repetition.
    pub fn from_env(variable: impl Into<String>) -> Self {
        let variable = variable.into();
        let number = match env::var(&variable) {
            Ok(text) => match text.trim().parse() {
                Ok(number) => number,
                Err(error) => panic!("{variable} is {text:?}: {error}"),
            },
            Err(_) => RandomState::new().hash_one(0),
        };
        Self { variable, number }
    }

    /// The number.
    pub const fn number(&self) -> u64 {
        self.number
    }
}

impl Drop for Seed {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("repeat it with {}={}", self.variable, self.number);
        }
    }
}
