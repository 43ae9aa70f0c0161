//! The segment stack (after Clubcard's 6, 8, 11 and 5,000): what members prefer, in which part of their life they are, how
//! much and how lately they buy, and the need groups that these make together with how they shop.

mod features;
mod habits;
mod layer;
mod life_stage;
mod markers;
mod members;
mod needs;
mod preference;
mod stack;
mod sums;
mod tell;
mod thirds;
mod usage;
mod version;

pub(super) use habits::local_hour;
pub use layer::{SegmentLayer, UnknownSegmentLayer};
pub use members::{SegmentMember, SegmentMembers, segment_members};

use self::stack::Stack;
use super::asked::Asked;
use super::error::ReportError;

const MEMBERS: &str = include_str!("../../../reports/segment_stack_members.sql");

pub(super) async fn answer(asked: &mut Asked) -> Result<(), ReportError> {
    let stack = Stack::of(asked, true).await?;
    tell::tell(asked, &stack)
}
