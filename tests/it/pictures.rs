//! The doors that a candidate's picture comes through, and what none of them takes.

use crate::identity::{NUMBER, blank, png_claiming};
use crate::support::{Client, Page, TestApp};

/// One door: who stands before it, and the form around the picture.
struct Door {
    client: Client,
    path: String,
    field: &'static str,
    texts: Vec<(&'static str, &'static str)>,
    /// Another picture that the form asks for.
    beside: Option<&'static str>,
}

impl Door {
    async fn send(&self, picture: &[u8]) -> Page {
        let good = blank();
        let mut files: Vec<(&str, &str, &[u8])> = vec![(self.field, "picture.jpg", picture)];
        files.extend(self.beside.map(|field| (field, "good.png", good.as_slice())));
        self.client.upload(&self.path, &self.texts, &files).await
    }
}

/// Every door of a candidate, open.
async fn doors(app: &TestApp) -> Vec<Door> {
    let exam = app.an_exam("page").await;
    let unverified = app.candidate("张三", NUMBER).await;
    let paying = app.a_candidate("王喆", "会计学").await;
    let paid = app.a_registration(&paying, &exam, "awaiting_payment").await;
    let shown = app.a_candidate("李雷", "会计学").await;
    let drafting = app.a_registration(&shown, &exam, "drafting").await;
    app.tamper(&format!("update registrations set face_state = 'none' where ref = '{drafting}'")).await;
    let face = format!("/registrations/{drafting}/face");
    let page = shown.client.get(&face).await;
    shown.client.submit(&page, "/face/consent", &[("agree", "yes")]).await.expect(303);
    let door = |client: &Client, path: String, field| Door { client: client.clone(), path, field, texts: Vec::new(), beside: None };
    let consent = vec![("consent", "1")];
    vec![
        Door { texts: consent, beside: Some("back"), ..door(&unverified.client, "/me/identity/upload".into(), "front") },
        door(&paying.client, format!("/registrations/{paid}/proof"), "picture"),
        Door { texts: vec![("agree", "yes")], ..door(&shown.client, format!("{face}/holding"), "photo") },
        door(&shown.client, format!("{face}/file"), "photo"),
    ]
}

both! {
    async fn no_door_takes_what_is_too_large_or_no_picture(app: TestApp) {
        let doors = doors(&app).await;
        const NOT_A_PICTURE: &str = "这个文件不是可用的照片，请上传 JPG、PNG 或 WebP 格式的照片。";
        const NOT_WHOLE: &str = "照片打不开，可能没有传完整。请重新选择或重拍。";
        let photo = baokao_specimen::encode::jpeg(&baokao_specimen::RgbImage::from_pixel(64, 40, image::Rgb([180, 190, 200])), 90);
        let mut large = blank();
        large.resize(4_194_305, 0);
        let bomb = png_claiming(30_000, 30_000);
        let refused: [(&[u8], u16, &str); 5] = [
            (&large, 413, "照片大小不能超过 4M，请重新拍摄或压缩后再上传。"),
            (b"%PDF-1.7", 422, NOT_A_PICTURE),
            (b"\x89PNG\r\n\x1a\n", 422, NOT_WHOLE),
            (&photo[..photo.len() - 2], 422, NOT_WHOLE),
            (&bomb, 422, "照片的尺寸太大，请用手机直接拍摄，或缩小后再上传。"),
        ];
        for door in &doors {
            for (bytes, status, sentence) in refused {
                door.send(bytes).await.expect(status).says(sentence);
            }
        }
        assert_eq!(app.number("select count(*) from pictures").await, 0);
        assert_eq!(app.objects(), 0, "nothing lies in the store");
        // The same forms with a picture are taken.
        for door in &doors {
            door.send(&blank()).await.expect(303);
        }
        assert_eq!(app.number("select count(*) from pictures").await, 5);
    }
}
