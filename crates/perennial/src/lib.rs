//! The doors of Perennial: API, console, till, command line. Each decodes, calls one operation, encodes.
//! A library besides the program, so that tests drive the doors as callers do.

pub mod api;
pub mod audience_file;
pub mod console;
pub mod portal;
pub mod serve;
mod till;
mod upload;
