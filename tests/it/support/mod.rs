//! What the tests stand on: [`TestApp`] (a whole program with a database, a clock and a folder of its own), a client
//! without a browser, and pages that can be asked.
#![allow(dead_code, reason = "helpers serve the feature files, which do not all need each of them")]

mod app;
mod client;
mod html;
mod page;
pub(crate) mod pdf;
mod people;
mod postgres;
pub(crate) mod scene;
pub(crate) mod server;
pub(crate) mod source;
mod workbook;

#[allow(unused_imports, reason = "named by the feature files")]
pub(crate) use self::{app::TestApp, client::Client, html::Form, page::Page, workbook::workbook};

/// Makes each test twice: `name::sqlite` and `name::postgres`.
///
/// ```ignore
/// both! {
///     async fn the_home_page_answers(app: TestApp) {
///         app.client().get("/").await.expect(200);
///     }
/// }
/// ```
macro_rules! both {
    ($($(#[$meta:meta])* async fn $name:ident($app:ident: TestApp) $body:block)*) => {$(
        $(#[$meta])*
        mod $name {
            use super::*;

            async fn run($app: TestApp) $body

            #[tokio::test]
            async fn sqlite() {
                run(TestApp::sqlite().await).await;
            }

            #[tokio::test]
            async fn postgres() {
                run(TestApp::postgres().await).await;
            }
        }
    )*};
}
