//! Tables of spreadsheet programs: read whatever a school uploads, write what it takes away. A crate of its own because it is optimised, also in tests: a hundred thousand rows
//! are nothing that unoptimised code should walk.

pub mod sheet;
pub mod xlsx;
