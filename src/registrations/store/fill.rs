//! SQL that gives the demo's invented accounts a registration each.

use crate::db::Tx;
use crate::error::Result;
use crate::sql;

/// Registers the invented accounts (`accounts::store::fill`) of this range of row ids for an exam with two subjects, over all states. Returns how many.
pub async fn register(tx: &mut Tx, exam: i64, subjects: [i64; 2], ids: [i64; 2]) -> Result<u64> {
    // The low 22 bits of row ids count up: their last two decimals share the people out.
    let done = sqlx::query(sql!(
        "insert into registrations (id, ref, account, exam, state, version, notice_version, notice_accepted_at, notice_address, face_state, subject, study_status,
                                    thesis_grade, info_at, submitted_at, reason, fee_fen, candidate_type, major, created_at, updated_at)
         select id, 'F' || upper(substr(replace(replace(ref, '-', '7'), '_', '8'), 1, 11)), id, cast($1 as bigint),
                case when share < 8 then 'drafting' when share < 18 then 'awaiting_payment' when share < 33 then 'submitted' when share < 55 then 'approved'
                     when share < 62 then 'returned' when share < 75 then 'seated' when share < 95 then 'released' else 'withdrawn' end,
                1, 1, created_at, '', case when share < 4 then 'none' else 'passed' end,
                case when share < 8 then null when share % 5 = 0 then cast($3 as bigint) else cast($2 as bigint) end,
                case when share < 8 then '' when share % 3 = 0 then 'graduated' else 'enrolled' end,
                case when share >= 8 and share % 3 = 0 then 'fair' else '' end,
                case when share < 8 then null else created_at + 300000 end,
                case when share < 18 then null else created_at + 900000 end,
                case when share >= 55 and share < 62 then '截图不完整，请上传完整的订单详情。' else '' end,
                case when share < 18 then null else (select fee_fen from exams where id = $1) end,
                candidate_type, major, created_at, created_at + 900000
         from (select id, ref, candidate_type, major, created_at, id % 4194304 % 100 as share from accounts where id between $4 and $5 and password = '!') as invented
         where id > 0
         on conflict do nothing"
    ))
    .bind(exam)
    .bind(subjects[0])
    .bind(subjects[1])
    .bind(ids[0])
    .bind(ids[1])
    .execute(&mut **tx)
    .await?;
    sqlx::query(sql!(
        "insert into registration_history (id, registration, at, actor_kind, actor_id, actor_name, from_state, to_state, step, why, detail)
         select id, id, created_at, 'candidate', account, '', '', 'drafting', 'start', '', ''
         from registrations where id between $1 and $2 and exam = $3 on conflict do nothing"
    ))
    .bind(ids[0])
    .bind(ids[1])
    .bind(exam)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected())
}
