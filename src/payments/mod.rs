//! Payment and its proof (报名缴费, 订单截图).

pub mod actions;
pub mod console;
pub mod jobs;
pub mod store;
pub mod web;
