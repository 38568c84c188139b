//! The text that is agreed to before a face is recognised (人脸识别技术应用安全管理办法, Art. 5 and 6: purpose, method, retention, necessity, rights, separately
//! from everything else), and the shorter one for a photograph that only people look at.

/// Grows with every change of [`FACE`]; a consent counts for its version only.
pub const FACE_VERSION: i64 = 1;

/// Headings and paragraphs, as the page shows them.
pub const FACE: [(&str, &str); 7] = [
    ("处理目的", "确认正在报名的是您本人，防止他人冒名报考。仅用于本次考试报名，不作他用。"),
    (
        "处理方式",
        "打开手机前置摄像头，按随机提示转头，拍下若干画面；在学校自己的服务器上判断是否为真人，并与您实名认证时身份证上的照片比对。不会发送给其他单位。",
    ),
    (
        "保存期限",
        "比对用的人脸特征只在比对时临时生成，比对结束立即删除，从不保存。拍下的画面在得出结果后删除，只保留其中一张作为准考证照片和审核依据，加密保存，考试结束后按学校规定的期限删除。",
    ),
    ("必要性与影响", "考试需要核对本人身份。人脸信息属于敏感个人信息，一旦泄露可能影响您的人身和财产安全，因此我们只在您单独同意后处理。"),
    ("您可以不刷脸", "不同意不影响报名。您可以选择人工审核：上传一张手持身份证的照片，由工作人员核对，与刷脸核验效果相同。"),
    ("您的权利", "您可以随时在本页面撤回同意，也可以查阅、复制、更正、删除您的信息，或请学校解释处理规则。撤回不影响撤回前已完成的核验。"),
    ("未满十四周岁", "请由监护人阅读并同意。"),
];

/// Grows with every change of [`PHOTO`].
pub const PHOTO_VERSION: i64 = 1;

/// For the photograph with the card in the hand.
pub const PHOTO: &str = "我同意学校加密保存这张照片，由工作人员核对是否为本人；不做人脸识别，考试结束后按学校规定的期限删除。";

/// The text as one, for the receipt's hash.
pub fn face_text() -> String {
    FACE.iter().map(|(heading, paragraph)| format!("{heading}\n{paragraph}\n")).collect()
}
