//! Values that a supervisor lends to all below it.
use crate::catch::bury;
use std::{
    any::{Any, TypeId, type_name},
    fmt,
    sync::Arc,
};

/// Values by their types, one of each.
#[derive(Clone, Default)]
pub struct Values(Vec<Value>);

#[derive(Clone)]
struct Value {
    of: TypeId,
    type_name: &'static str,
    /// Taken only when it is dropped.
    held: Option<Arc<dyn Any + Send + Sync>>,
}

impl Values {
    /// Puts one in, in the place of an earlier one of its type.
    pub fn put<T: Any + Send + Sync>(&mut self, value: T) {
        let of = TypeId::of::<T>();
        self.0.retain(|value| value.of != of);
        self.0.push(Value {
            of,
            type_name: type_name::<T>(),
            held: Some(Arc::new(value)),
        });
    }

    /// The value of this type.
    pub(crate) fn get(&self, of: TypeId) -> Option<Arc<dyn Any + Send + Sync>> {
        let found = self.0.iter().find(|value| value.of == of)?;
        found.held.clone()
    }
}

/// The last who drops a value drops what a user made, where a panic of that harms nobody.
impl Drop for Value {
    fn drop(&mut self) {
        bury(self.held.take());
    }
}

/// The types alone: a value need not be printable.
impl fmt::Debug for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let types = self.0.iter().map(|value| value.type_name);
        f.debug_set().entries(types).finish()
    }
}
