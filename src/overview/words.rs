//! Short words for the codes of checks, as charts show them. The sentences for candidates and reviewers are those features' own.

/// The word of a problem of an identity check (`identity`) or a face check (`face`).
pub(super) fn check_word(figure: &str, code: &str) -> &'static str {
    if figure == "face" {
        return crate::face::words::staff(code);
    }
    // Which side it was is left out: `blurred:front`.
    match code.split(':').next().unwrap_or_default() {
        "damaged" => "文件打不开",
        "too_many_pixels" => "尺寸太大",
        "name_differs" => "姓名不一致",
        "number_differs" => "号码不一致",
        "expired" => "证件过期",
        "too_small" => "证件太小",
        "blurred" => "模糊",
        "dark" => "太暗",
        "glare" => "反光",
        "cut_off" => "没有拍全",
        "not_a_card" => "不是证件",
        "sides_swapped" => "正反面放反",
        "same_side" => "同一面",
        "copy" => "复印件",
        "number_invalid" | "number_uncertain" => "号码未读准",
        "birth_mismatch" => "出生日期不符",
        "sex_mismatch" => "性别不符",
        "validity_unreadable" | "validity_uncertain" => "有效期未读准",
        "portrait_unreadable" | "portrait_uncertain" => "头像未看清",
        "unreadable" => "文字未读全",
        "name_uncertain" | "latin_name" => "姓名未读准",
        "name_rare" => "生僻字",
        "name_look_alike" => "形近字",
        "print_unread" => "性别或生日未读到",
        "not_yet_valid" => "有效期未到",
        "zone_unread" => "机读码未读准",
        "specimen" => "样本证件",
        "other_document" => "其他证件",
        "no_models" | "reader_failed" => "自动识别不可用",
        "asked" => "考生申请人工",
        _ => "其他",
    }
}
