//! The outside world: where objects lie, who sends SMS, and how other servers are asked.

pub mod http;
pub mod objects;
pub mod sms;
