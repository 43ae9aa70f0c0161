//! Properties that hold for any input: of the calendar and of single decisions.

mod calendar;
mod decisions;
mod holds;
