//! Telling a scenario: step by step, each with its checks, and verification at the end. The first thing that comes out
//! otherwise ends it, with file, step, what was expected and what came.

use std::fmt;

use crate::checks;
use crate::stage::{Kind, Stage};
use crate::story::{Line, Step, Story};

/// A scenario that did not come out as written.
#[derive(Debug)]
pub(crate) struct Failure {
    place: String,
    step: String,
    expected: String,
    got: String,
}

impl Failure {
    pub(crate) fn new(file: &str, line: &Line, expected: &str, got: &str) -> Self {
        Self {
            place: format!("{file}:{}", line.number),
            step: line.text.clone(),
            expected: expected.to_owned(),
            got: got.to_owned(),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { place, step, expected, got } = self;
        write!(f, "{place}\n  step      {step}\n  expected  {expected}\n  got       {got}")
    }
}

/// What a step or check found instead of what was written.
#[derive(Debug)]
pub(crate) struct Otherwise {
    pub(crate) expected: String,
    pub(crate) got: String,
}

impl Otherwise {
    pub(crate) fn new(expected: impl fmt::Display, got: impl fmt::Display) -> Self {
        Self { expected: expected.to_string(), got: got.to_string() }
    }

    /// Fails unless the two are the same.
    pub(crate) fn unless<T: PartialEq + fmt::Debug>(expected: &T, got: &T) -> Result<(), Self> {
        if expected == got {
            return Ok(());
        }
        Err(Self { expected: format!("{expected:?}"), got: format!("{got:?}") })
    }
}

/// Tells a scenario on a fresh database of a kind.
pub(crate) fn tell(story: &Story, kind: Kind) -> Result<(), Failure> {
    // Shown where a test fails: a panic inside tells no file.
    println!("telling {} on {kind:?}", story.file);
    let at = |line: &Line| {
        let (file, line) = (story.file.clone(), line.clone());
        move |otherwise: Otherwise| Failure::new(&file, &line, &otherwise.expected, &otherwise.got)
    };
    let mut stage = Stage::open(kind, &story.programme).map_err(at(&story.steps[0].line))?;
    for step in &story.steps {
        tell_step(&mut stage, step, &at)?;
    }
    let last = &story.steps[story.steps.len() - 1].line;
    stage
        .verify()
        .map_err(at(&Line { number: last.number, text: "verification after the last step".to_owned() }))
}

fn tell_step<F: FnOnce(Otherwise) -> Failure>(
    stage: &mut Stage,
    step: &Step,
    at: &impl Fn(&Line) -> F,
) -> Result<(), Failure> {
    if step.together.is_empty() {
        stage.happens(&step.line.text).map_err(at(&step.line))?;
    } else {
        stage.happen_together(step).map_err(|(line, otherwise)| at(&line)(otherwise))?;
    }
    for check in &step.checks {
        checks::check(stage, &check.text).map_err(at(check))?;
    }
    checks::unsaid(stage, step).map_err(at(&step.line))
}
