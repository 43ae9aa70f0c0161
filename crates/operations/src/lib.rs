//! What the platform can do, one file per operation. Every door calls these; none has a copy of its own.

mod batch;
mod clock;
mod command;
mod engine;
mod error;
mod fingerprint;
mod identity;
mod lane;
mod publish_programme;

pub use clock::Clock;
pub use command::{Answer, Command, MemberReference, Recorded, Reply, Request};
pub use engine::{Counts, Engine, EngineOptions, POSTGRES_LANES};
pub use error::{OperationError, RETRY_AFTER_SECONDS};
pub use lane::{BATCH_COMMANDS_MAX, QUEUE_CALLS_MAX};
pub use publish_programme::read_programme;
pub use store::{DatabaseUrl, DatabaseUrlError, OpenOptions};
