//! The text that is agreed to before a face is recognised (人脸识别技术应用安全管理办法, Art. 5 and 6: purpose, method, retention, necessity, rights, separately
//! from everything else), and the shorter one for a photograph that only people look at.

/// Grows with every change of the text.
pub const FACE_VERSION: i64 = 2;

/// The text that is agreed to, as it is on this installation: it depends on whether the school stores faces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaceText {
    /// Headings and paragraphs, as the page shows them.
    pub parts: Vec<(&'static str, String)>,
    /// What the page sends back, so that nobody agrees to another text than they saw.
    pub edition: String,
}

const PURPOSE: &str = "确认正在报名的是您本人，防止他人冒名报考。仅用于本次考试报名，不作他用。";
const METHOD: &str = "打开手机前置摄像头，按随机提示转头，拍下若干画面；在学校自己的服务器上判断是否为真人，并与您实名认证时身份证上的照片比对。不会发送给其他单位。";
const PICTURES_KEPT: &str =
    "拍下的画面在得出结果后删除，只保留其中一张作为准考证照片和审核依据，加密保存，考试结束后按学校规定的期限删除。";
const NECESSITY: &str =
    "考试需要核对本人身份。人脸信息属于敏感个人信息，一旦泄露可能影响您的人身和财产安全，因此我们只在您单独同意后处理。";
const OTHER_WAYS: &str = "不同意不影响报名。您可以选择人工审核（上传一张手持身份证的照片，由工作人员核对），或到学校现场核验（工作人员当面核对后给您一个核验码），与刷脸核验效果相同。";

impl FaceText {
    /// Where stored faces are kept for so many days; 0: none are.
    pub fn of(days: i64) -> Self {
        let (purpose, method, kept, rights) = if days > 0 {
            (
                format!("{PURPOSE}同时检查同一个人是否用不同的证件注册了多个账号。"),
                format!(
                    "{METHOD}由画面计算出的人脸特征还会与本校已保存的其他考生的人脸特征比对；有相似的，只交给工作人员查看，系统不会因此自动拒绝您。"
                ),
                format!("核验通过后，您的人脸特征加密保存 {days} 天，到期自动删除，期间只用于上述检查。{PICTURES_KEPT}"),
                "撤回后，保存的人脸特征立即删除。",
            )
        } else {
            (
                PURPOSE.to_owned(),
                METHOD.to_owned(),
                format!("比对用的人脸特征只在比对时临时生成，比对结束立即删除，从不保存。{PICTURES_KEPT}"),
                "",
            )
        };
        let parts = vec![
            ("处理目的", purpose),
            ("处理方式", method),
            ("保存期限", kept),
            ("必要性与影响", NECESSITY.to_owned()),
            ("您可以不刷脸", OTHER_WAYS.to_owned()),
            (
                "您的权利",
                format!(
                    "您可以随时在本页面撤回同意，也可以查阅、复制、更正、删除您的信息，或请学校解释处理规则。{rights}撤回不影响撤回前已完成的核验。"
                ),
            ),
            ("未满十四周岁", "请由监护人阅读并同意。".to_owned()),
        ];
        Self { parts, edition: format!("{FACE_VERSION}-{days}") }
    }

    /// The text as one, for the receipt's hash.
    pub fn whole(&self) -> String {
        self.parts.iter().map(|(heading, paragraph)| format!("{heading}\n{paragraph}\n")).collect()
    }
}

/// Grows with every change of [`PHOTO`].
pub const PHOTO_VERSION: i64 = 1;

/// For the photograph with the card in the hand.
pub const PHOTO: &str = "我同意学校加密保存这张照片，由工作人员核对是否为本人；不做人脸识别，考试结束后按学校规定的期限删除。";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_says_what_is_kept_and_for_how_long() {
        let (without, with) = (FaceText::of(0), FaceText::of(180));
        assert!(without.whole().contains("从不保存") && !without.whole().contains("已保存的其他考生"));
        assert!(
            with.whole().contains("加密保存 180 天") && with.whole().contains("只交给工作人员查看") && !with.whole().contains("从不保存")
        );
        assert_ne!(with.edition, FaceText::of(30).edition);
        for text in [without, with] {
            let all = text.whole();
            for duty in ["处理目的", "处理方式", "保存期限", "必要性", "您可以不刷脸", "撤回"] {
                assert!(all.contains(duty), "{duty} (Art. 5)");
            }
        }
    }
}
