//! [`place`] as a function of the queries: `place(salt, member)`.

use std::sync::Arc;

use arrow::array::Int64Array;
use arrow::datatypes::DataType;
use datafusion::common::cast::as_string_view_array;
use datafusion::error::{DataFusionError, Result};
#[cfg(feature = "ballista")]
use datafusion::logical_expr::Expr;
#[cfg(feature = "ballista")]
use datafusion::logical_expr::simplify::{ExprSimplifyResult, SimplifyContext};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use crate::experiment::place;

pub(super) fn place_function() -> ScalarUDF {
    let texts = vec![DataType::Utf8View, DataType::Utf8View];
    ScalarUDF::from(Place { signature: Signature::exact(texts, Volatility::Immutable) })
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Place {
    signature: Signature,
}

impl ScalarUDFImpl for Place {
    fn name(&self) -> &'static str {
        "place"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Int64)
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let columns = ColumnarValue::values_to_arrays(&arguments.args)?;
        let [salts, members] = columns.as_slice() else {
            return Err(DataFusionError::Execution("place(salt, member)".to_owned()));
        };
        let (salts, members) = (as_string_view_array(salts)?, as_string_view_array(members)?);
        let pairs = salts.iter().zip(members.iter());
        let places: Int64Array = pairs
            .map(|(salt, member)| salt.zip(member).map(|(salt, member)| place(salt, member).into()))
            .collect();
        Ok(ColumnarValue::Array(Arc::new(places)))
    }

    /// Executors of a cluster know only the functions they were built with: there it is written out in those.
    #[cfg(feature = "ballista")]
    fn simplify(&self, arguments: Vec<Expr>, session: &SimplifyContext) -> Result<ExprSimplifyResult> {
        let settings = &session.config_options().extensions;
        if settings.get::<ballista_core::config::BallistaConfig>().is_none() {
            return Ok(ExprSimplifyResult::Original(arguments));
        }
        Ok(match <[Expr; 2]>::try_from(arguments) {
            Ok([salt, member]) => ExprSimplifyResult::Simplified(written_out::place(salt, member)),
            Err(arguments) => ExprSimplifyResult::Original(arguments),
        })
    }
}

/// The place in functions that every executor has.
#[cfg(feature = "ballista")]
mod written_out {
    use arrow::datatypes::DataType;
    use datafusion::functions::expr_fn::{encode, sha256, strpos, substring};
    use datafusion::logical_expr::{Expr, Operator, binary_expr, cast, lit};

    use crate::experiment::PLACES;

    /// The first 16 hexadecimal digits of SHA-256 of `salt:member`, in two halves h and l of 32 bits, times 10,000, over 2⁶⁴:
    /// (10,000 h + (10,000 l >> 32)) >> 32. Nothing in it exceeds 2⁴⁶.
    pub(super) fn place(salt: Expr, member: Expr) -> Expr {
        let [salt, member] = [salt, member].map(|text| cast(text, DataType::Utf8));
        let joined = binary_expr(salt, Operator::StringConcat, lit(":"));
        let digits = encode(sha256(binary_expr(joined, Operator::StringConcat, member)), lit("hex"));
        let [high, low] = [1, 9].map(|first| number(&digits, first) * lit(i64::from(PLACES)));
        upper_half(high + upper_half(low))
    }

    /// Eight digits from the one at a position on, as a number.
    fn number(digits: &Expr, first: i64) -> Expr {
        let digit = |position: i64| {
            let found = substring(digits.clone(), lit(position), lit(1_i64));
            cast(strpos(lit("0123456789abcdef"), found), DataType::Int64) - lit(1_i64)
        };
        (first + 1..first + 8).fold(digit(first), |number, position| number * lit(16_i64) + digit(position))
    }

    fn upper_half(number: Expr) -> Expr {
        binary_expr(number, Operator::BitwiseShiftRight, lit(32_i64))
    }
}
