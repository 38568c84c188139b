//! SQL.

use crate::app::App;
use crate::error::Result;
use crate::sql;
use crate::web::layout::QueueCounts;

/// How many cases wait for a person.
pub async fn queue_counts(app: &App) -> Result<QueueCounts> {
    let (identity, face, payment): (i64, i64, i64) = sqlx::query_as(sql!(
        "select cast((select count(*) from identity_checks where state = 'person') as bigint),
                cast((select count(*) from face_checks where state = 'person') as bigint),
                cast((select count(*) from registrations where state = 'submitted') as bigint)"
    ))
    .fetch_one(&mut *app.db.read().await?)
    .await?;
    Ok(QueueCounts { identity, face, payment })
}
