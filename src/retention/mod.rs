//! Retention: a set time after an exam (设置), the pictures of those who registered for it are deleted (PIPL Article 19: the shortest time that the purpose needs); of those who
//! registered for none, so long after their last upload. What a ticket that is still to be used or an open case needs stays, and is looked at again.

pub mod jobs;
pub mod store;
