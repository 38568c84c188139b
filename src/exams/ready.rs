//! What an exam needs before candidates may see it.

use super::{Exam, PaymentWay, Subject};
use crate::types::UnixMs;

/// What still has to be filled in before candidates may see the exam; a sentence for each.
pub(crate) fn missing(exam: &Exam, subjects: &[Subject], now: UnixMs) -> Vec<String> {
    let mut missing = Vec::new();
    let mut need = |there: bool, sentence: &str| {
        if !there {
            missing.push(sentence.to_owned());
        }
    };
    need(!exam.notice.trim().is_empty(), "请填写报考须知。");
    need(!subjects.is_empty(), "请至少添加一个考试科目。");
    need(exam.opens_at != 0, "请填写报名开始时间。");
    need(exam.closes_at != 0, "请填写报名截止时间。");
    need(exam.closes_at == 0 || exam.closes_at > now.0, "报名截止时间已经过去，请改为以后的时间。");
    need(exam.edit_until != 0 || exam.closes_at == 0, "请填写修改截止时间。");
    need(exam.pay_until != 0 || exam.closes_at == 0, "请填写缴费截止时间。");
    for subject in subjects {
        need(
            subject.starts_at > exam.closes_at.max(exam.edit_until).max(exam.pay_until),
            &format!("科目“{}”的开考时间要晚于报名、修改和缴费的截止时间。", subject.name),
        );
    }
    if exam.way() != PaymentWay::Free {
        need(!exam.fee_name.is_empty(), "请填写收费项目名称。");
        need(exam.fee_fen > 0, "请填写报名费金额；不收费请把缴费方式改为“免费”。");
    }
    if exam.way() == PaymentWay::Page {
        need(!exam.payment_url.is_empty() || exam.payment_picture.is_some(), "请填写缴费网址，或上传缴费二维码图片。");
    }
    need(!exam.ticket_prefix.is_empty(), "请填写准考证号前缀。");
    missing
}
