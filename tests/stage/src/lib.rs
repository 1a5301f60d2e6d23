//! Where the functions' own tests play: one world in memory with a donation in it, a record of every call,
//! faults by script, and the events of Lambda.
//!
//! The handlers, the use cases and the decisions are the shipped ones. Only the world is small.

mod donations;

mod lambda;
mod log;

use std::sync::{Arc, Mutex, PoisonError};

use adapters_memory::{Call, FaultChoice, Memory, Operation};
use app::capability::StatusAddresses;
use domain::time::Timestamp;
use secrecy::SecretSlice;

pub use donations::{captured, connectors, offer, refunded};
pub use lambda::{Parking, event, message, messages, returned};
pub use log::Log;

/// When every play begins: a November evening on air.
pub const START: Timestamp = Timestamp::from_millis(1_795_204_800_000);

/// One world, what was called in it, and what is to go wrong.
#[derive(Debug, Clone)]
pub struct Stage {
    /// The world; its own methods say what became of it.
    pub world: Memory,
    record: Arc<Mutex<Record>>,
}

#[derive(Debug, Default)]
struct Record {
    calls: Vec<Operation>,
    faults: Vec<(Operation, FaultChoice)>,
}

impl Default for Stage {
    fn default() -> Self {
        Self::new()
    }
}

impl Stage {
    /// An empty world that has a capability key.
    pub fn new() -> Self {
        let world = Memory::new(START);
        world.set_capability_keys(vec![SecretSlice::from(vec![7; 32])]);
        let record = Arc::new(Mutex::new(Record::default()));
        let stage = Self { world, record };
        let record = Arc::clone(&stage.record);
        stage.world.on_call(move |call: &Call| {
            let mut record = record.lock().unwrap_or_else(PoisonError::into_inner);
            record.calls.push(call.operation);
            let scripted = record.faults.iter().position(|(operation, _)| *operation == call.operation);
            scripted.map_or(FaultChoice::None, |index| record.faults.remove(index).1)
        });
        stage
    }

    /// Lets this fault strike the next call of this kind; scripted twice it strikes two calls, and so on.
    pub fn strike(&self, operation: Operation, fault: FaultChoice) {
        self.record().faults.push((operation, fault));
    }

    /// Every call so far, in sequence.
    pub fn calls(&self) -> Vec<Operation> {
        self.record().calls.clone()
    }

    /// How many calls of this kind there were.
    pub fn count(&self, operation: Operation) -> usize {
        self.calls().into_iter().filter(|called| *called == operation).count()
    }

    /// Where status is shown, under the world's keys.
    pub fn addresses(&self) -> StatusAddresses<Memory> {
        StatusAddresses { keys: self.world.clone(), public_url: "http://127.0.0.1:8080".to_owned() }
    }

    fn record(&self) -> std::sync::MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
