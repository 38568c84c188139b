//! Candidate routes: the home page and the exam ([`home`]), the steps of signing up that are this feature's ([`steps`], [`files`]), and 我的报名 ([`mine`]).

mod files;
mod home;
mod mine;
mod steps;

use crate::types::Access;
use crate::web::form::MAX_UPLOAD_BYTES;
use crate::web::routes::Routes;

/// `/`, `/exams…`, `/registrations…`.
pub fn routes() -> Routes {
    Routes::new()
        .get("/", Access::Public, home::home)
        .get("/exams/{ref}", Access::Public, home::exam)
        .post("/exams/{ref}/start", Access::Candidate, home::start)
        .get("/registrations", Access::Candidate, mine::list)
        .get("/registrations/{ref}", Access::Candidate, mine::detail)
        .get("/registrations/{ref}/change", Access::Candidate, mine::confirm_change)
        .post("/registrations/{ref}/change", Access::Candidate, mine::change)
        .get("/registrations/{ref}/withdraw", Access::Candidate, mine::confirm_withdraw)
        .post("/registrations/{ref}/withdraw", Access::Candidate, mine::withdraw)
        .get("/registrations/{ref}/next", Access::Candidate, steps::next)
        .get("/registrations/{ref}/notice", Access::Candidate, steps::notice)
        .post("/registrations/{ref}/notice", Access::Candidate, steps::accept)
        .get("/registrations/{ref}/information", Access::Candidate, steps::information)
        .post("/registrations/{ref}/information", Access::Candidate, steps::save_information)
        .get("/registrations/{ref}/files", Access::Candidate, files::files)
        .get("/registrations/{ref}/files/{question}", Access::Candidate, files::picture)
        .upload("/registrations/{ref}/files/{question}", Access::Candidate, MAX_UPLOAD_BYTES, files::attach)
        .post("/registrations/{ref}/files/{question}/remove", Access::Candidate, files::detach)
        .get("/registrations/{ref}/done", Access::Candidate, steps::done)
}
