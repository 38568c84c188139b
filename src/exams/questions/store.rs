//! SQL on `exam_questions`.

use super::Question;
use crate::db::{Conn, Tx};
use crate::error::Result;
use crate::sql;

/// The questions of an exam, in their order.
pub async fn list(conn: &mut Conn, exam: i64) -> Result<Vec<Question>> {
    Ok(sqlx::query_as(sql!(
        "select id, ref as public_ref, exam, place, kind, label, hint, options, required from exam_questions where exam = $1 order by place, id limit 100"
    ))
    .bind(exam)
    .fetch_all(conn)
    .await?)
}

/// Writes a new one.
pub async fn insert(tx: &mut Tx, question: &Question) -> Result<()> {
    sqlx::query(sql!(
        "insert into exam_questions (id, ref, exam, place, kind, label, hint, options, required) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
    ))
    .bind(question.id)
    .bind(question.public_ref.clone())
    .bind(question.exam)
    .bind(question.place)
    .bind(question.kind.clone())
    .bind(question.label.clone())
    .bind(question.hint.clone())
    .bind(question.options.clone())
    .bind(question.required)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Writes one back.
pub async fn update(tx: &mut Tx, question: &Question) -> Result<()> {
    sqlx::query(sql!("update exam_questions set place = $1, kind = $2, label = $3, hint = $4, options = $5, required = $6 where id = $7"))
        .bind(question.place)
        .bind(question.kind.clone())
        .bind(question.label.clone())
        .bind(question.hint.clone())
        .bind(question.options.clone())
        .bind(question.required)
        .bind(question.id)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Removes one that nobody has answered.
pub async fn remove(tx: &mut Tx, id: i64) -> Result<()> {
    sqlx::query(sql!("delete from exam_questions where id = $1")).bind(id).execute(&mut **tx).await?;
    Ok(())
}
