//! What the codes of a face check say to people: one row a code.

/// What a code means: to somebody in front of the camera, and to somebody who reads the result.
struct Row {
    code: &'static str,
    /// On the oval, while the camera runs: what to do now.
    live: &'static str,
    /// On the page of the result: what to do next time.
    result: &'static str,
    /// For staff.
    staff: &'static str,
}

const fn row(code: &'static str, live: &'static str, result: &'static str, staff: &'static str) -> Row {
    Row { code, live, result, staff }
}

/// Every code: the gates' (`FaceProblem`), the turns' (`TurnFailure`), and ours.
const ROWS: [Row; 27] = [
    row("no_face", "请把脸放进椭圆里", "照片里没有找到人脸，请正对镜头，让脸完整露出后再拍。", "没有人脸"),
    row("more_than_one_face", "画面里只能有您一个人", "画面里不止一个人，请独自一人正对镜头再试。", "不止一张人脸"),
    row("move_closer", "请靠近一些", "脸离镜头太远，请靠近一些再拍。", "人脸太小"),
    row("too_close", "请离远一些", "脸离镜头太近，请离远一些再拍。", "人脸太大"),
    row("off_centre", "请把脸移到椭圆中间", "脸没有在画面中间，请正对镜头再拍。", "人脸偏离画面"),
    row("too_dark", "光线太暗，请到亮一点的地方", "照片太暗，请到亮一点的地方再拍一次。", "光线太暗"),
    row("too_bright", "光线太强，请避开强光", "光线太强，请避开强光直射再拍一次。", "光线太强"),
    row("backlit", "背后太亮，请转身背对暗处", "背后的光太强，请面向光线再拍一次。", "逆光"),
    row("blurred", "请拿稳手机，保持不动", "照片不清晰，请擦净镜头、拿稳手机再拍一次。", "模糊"),
    row("eyes_covered", "请摘下墨镜，露出眼睛", "眼睛被挡住了，请摘下墨镜，让光照到脸上再拍。", "眼睛被遮挡"),
    row("mouth_covered", "请摘下口罩", "口鼻被挡住了，请摘下口罩再拍。", "口鼻被遮挡"),
    row("portrait_too_small", "请保持不动", "身份证照片上的人像太小，需要人工核对。", "证件人像太小"),
    row("no_baseline", "请正对屏幕，保持不动", "开始时没有看清您的正脸，请正对屏幕，听提示后再转头。", "没有正脸画面"),
    row("unsteady_baseline", "请正对屏幕，保持不动", "开始时头部在晃动，请先正对屏幕保持不动，看到提示后再转头。", "开始时头部晃动"),
    row("missing_turn", "请按提示转头", "没有看清您转头的动作，请让脸一直留在画面里，按提示慢慢转头。", "缺少转头画面"),
    row("not_turned", "请再转一些", "没有看到您转头，请按箭头方向慢慢转头，幅度大一些。", "没有转头"),
    row("wrong_way", "请按箭头方向转头", "转头的方向和提示不一致，请按箭头方向慢慢转头。", "转头方向不符"),
    row("another_face", "请本人独自完成", "过程中没有一直看到同一张脸，请本人独自完成，慢慢转头，幅度不用太大。", "过程中出现另一张脸"),
    row("repeated", "请本人操作", "同一个画面出现了两次。请不要使用录像或图片，本人在镜头前重新刷脸核验。", "同一画面重复出现"),
    row("replayed", "请本人操作", "这些画面以前提交过，不能再用。请本人在镜头前重新刷脸核验。", "画面以前提交过"),
    row("different_person", "请本人操作", "与身份证照片不是同一人，请本人重试，或选择人工审核。", "与证件人像不是同一人"),
    row("unsure", "请保持不动", "系统不能确定，已转人工核对。", "相似度在待定区间"),
    row("no_portrait", "请保持不动", "没有可以比对的证件人像，已转人工核对。", "没有证件人像"),
    row("not_live", "请保持不动", "拍照上传的照片由工作人员核对。", "静态照片，未做活体检测"),
    row("stored_elsewhere", "请保持不动", "系统不能确定，已转人工核对。", "与另一账号的人脸相似"),
    row("no_machine", "请正对屏幕，保持不动", "自动核验暂时不可用，已转人工核对。", "自动核验不可用"),
    row("unreadable", "画面没有传好，请保持不动", "照片没有传好，请检查网络后再拍一次。", "照片无法打开"),
];

/// Every code with the sentence of the result and the words of the console: for docs/FAILURES.md.
pub fn all() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    ROWS.iter().map(|row| (row.code, row.result, row.staff))
}

fn find(code: &str) -> Option<&'static Row> {
    ROWS.iter().find(|row| row.code == code)
}

/// The sentence on the oval.
pub fn live(code: &str) -> &'static str {
    find(code).map_or("请正对屏幕，保持不动", |row| row.live)
}

/// The sentence of the result.
pub fn result(code: &str) -> &'static str {
    find(code).map_or("这次没有通过，请再试一次，或选择人工审核。", |row| row.result)
}

/// The words of the console.
pub fn staff(code: &str) -> &'static str {
    find(code).map_or("其他", |row| row.staff)
}

#[cfg(test)]
mod tests {
    use baokao_vision::FaceProblem;
    use baokao_vision::face::turns::TurnFailure;

    use super::*;

    #[test]
    fn every_code_of_the_eyes_has_its_sentences() {
        use FaceProblem::{
            Backlit, Blurred, EyesCovered, MoreThanOneFace, MouthCovered, MoveCloser, NoFace, OffCentre, PortraitTooSmall, TooBright,
            TooClose, TooDark,
        };
        use TurnFailure::{AnotherFace, MissingTurn, NoBaseline, NotTurned, UnsteadyBaseline, WrongWay};
        let gates = [
            NoFace,
            MoreThanOneFace,
            MoveCloser,
            TooClose,
            OffCentre,
            TooDark,
            TooBright,
            Backlit,
            Blurred,
            EyesCovered,
            MouthCovered,
            PortraitTooSmall,
        ];
        let turns = [NoBaseline, UnsteadyBaseline, MissingTurn, NotTurned, WrongWay, AnotherFace];
        for code in gates.map(FaceProblem::code).into_iter().chain(turns.map(TurnFailure::code)) {
            assert!(find(code).is_some(), "{code}");
        }
    }

    #[test]
    fn sentences_are_whole_and_calm() {
        for row in &ROWS {
            assert!(row.result.ends_with('。') && !row.result.contains(['!', '！']), "{}", row.code);
            assert!(row.live.chars().count() <= 16, "{} does not fit on the oval", row.live);
            assert_eq!(ROWS.iter().filter(|other| other.code == row.code).count(), 1, "{}", row.code);
        }
    }
}
