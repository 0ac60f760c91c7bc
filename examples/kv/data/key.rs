//! A key, and its place among the others.

use std::hash::{DefaultHasher, Hasher};

use bytes::Bytes;

/// A key with its hash. Keys are in the order of their hashes: an order that no restart changes, so that a cursor into it stays good
/// (another build of the program may hash in another way). Keys whose hashes collide are in their own order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    /// Never 0, so that the cursor 0 is before all keys.
    hash: u64,
    bytes: Bytes,
}

impl Key {
    pub(crate) fn new(bytes: Bytes) -> Self {
        let mut hasher = DefaultHasher::new();
        hasher.write(&bytes);
        let hash = hasher.finish().max(1);
        Self { hash, bytes }
    }

    /// What stands before all keys of that hash.
    pub(crate) fn first_of(hash: u64) -> Self {
        Self {
            hash,
            bytes: Bytes::new(),
        }
    }

    /// The key in memory of its own, to be kept.
    pub(crate) fn kept(&self) -> Self {
        Self {
            hash: self.hash,
            bytes: Bytes::copy_from_slice(&self.bytes),
        }
    }

    pub(crate) fn hash(&self) -> u64 {
        self.hash
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl From<Bytes> for Key {
    fn from(bytes: Bytes) -> Self {
        Self::new(bytes)
    }
}
