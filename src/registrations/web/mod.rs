//! Candidate routes: the home page and the exam ([`home`]), the steps of signing up that are this feature's ([`steps`]), and 我的报名 ([`mine`]).

mod home;
mod mine;
mod steps;

use axum::Router;
use axum::routing::{get, post};

use crate::app::App;

/// `/`, `/exams…`, `/registrations…`.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/", get(home::home))
        .route("/exams/{ref}", get(home::exam))
        .route("/exams/{ref}/start", post(home::start))
        .route("/registrations", get(mine::list))
        .route("/registrations/{ref}", get(mine::detail))
        .route("/registrations/{ref}/change", get(mine::confirm_change).post(mine::change))
        .route("/registrations/{ref}/withdraw", get(mine::confirm_withdraw).post(mine::withdraw))
        .route("/registrations/{ref}/next", get(steps::next))
        .route("/registrations/{ref}/notice", get(steps::notice).post(steps::accept))
        .route("/registrations/{ref}/information", get(steps::information).post(steps::save_information))
        .route("/registrations/{ref}/done", get(steps::done))
}
