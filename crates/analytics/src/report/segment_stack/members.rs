//! Who is in which segment: the members of each segment of a layer, by name.

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, RecordBatch, StringArray};

use super::MEMBERS;
use super::layer::{SegmentLayer, UNKNOWN, name};
use super::needs::{Key, LAYERS, code};
use super::stack::Stack;
use crate::lake::{Lake, LakeError, SessionOptions};
use crate::report::asked::Asked;
use crate::report::error::ReportError;
use crate::report::name::ReportName;
use crate::report::request::{Period, ReportRequest};

/// A member of a segment.
#[derive(Debug, Clone, PartialEq)]
pub struct SegmentMember {
    /// Their name in the lake: of a ledger's member its public name, of a file's that of the file.
    pub member: String,
    /// The segment's code; `unknown` where it cannot be told, `rest` where their need group has too few members.
    pub segment: String,
    /// The chance that it is theirs, by the model: 1 where a rule decides, 0 where it cannot be told. Of a need group
    /// the product over those layers that it names and that can be told.
    pub probability: f64,
}

/// Everybody who bought in a period, each in one segment of a layer.
#[derive(Debug, Clone, PartialEq)]
pub struct SegmentMembers {
    /// The layer.
    pub layer: SegmentLayer,
    /// The version of its model: the same data give the same one.
    pub version: String,
    /// The period the model was fitted to.
    pub period: Period,
    /// The members, in the order of the lake.
    pub members: Vec<SegmentMember>,
}

impl SegmentMembers {
    /// The members as rows of `member`, `segment` and `probability`.
    pub fn to_batch(&self) -> Result<RecordBatch, LakeError> {
        let texts = |text: fn(&SegmentMember) -> &str| -> ArrayRef {
            Arc::new(StringArray::from_iter_values(self.members.iter().map(text)))
        };
        let chances: ArrayRef =
            Arc::new(Float64Array::from_iter_values(self.members.iter().map(|member| member.probability)));
        Ok(RecordBatch::try_from_iter([
            ("member", texts(|member| &member.member)),
            ("segment", texts(|member| &member.segment)),
            ("probability", chances),
        ])?)
    }
}

/// Who is in which segment of a layer: the same members, period and models as the question `segment-stack` has.
pub async fn segment_members(
    lake: &Lake,
    layer: SegmentLayer,
    request: &ReportRequest,
    options: &SessionOptions,
) -> Result<SegmentMembers, ReportError> {
    let mut asked = Asked::new(lake, ReportName::SegmentStack, request, options).await?;
    let stack = Stack::of(&mut asked, false).await?;
    let rows = asked.rows("segment_stack_names", MEMBERS, &[]).await?;
    let (ids, names) = (rows.integers("member_id")?, rows.texts("member")?);
    let members = stack.members.iter().map(|member| {
        let own = ids.binary_search(&member.id).ok().map(|at| names[at].clone());
        let (segment, probability) = of_layer(&stack, layer, &member.key, &member.chances);
        SegmentMember { member: own.unwrap_or_else(|| member.id.to_string()), segment, probability }
    });
    Ok(SegmentMembers {
        layer,
        version: stack.version(layer),
        period: asked.period(),
        members: members.collect(),
    })
}

fn of_layer(stack: &Stack, layer: SegmentLayer, key: &Key, chances: &[Option<f64>; 3]) -> (String, f64) {
    if let Some(place) = LAYERS.iter().position(|named| *named == layer) {
        return (name(layer, key[place]).to_owned(), chances[place].unwrap_or(0.0));
    }
    let group = stack.needs.group(key);
    let named = group.iter().zip(chances).enumerate();
    let told = named.filter(|(place, (value, _))| name(LAYERS[*place], **value) != UNKNOWN);
    let probability = told.map(|(_, (_, chance))| chance.unwrap_or(1.0)).product();
    (code(&group), probability)
}
