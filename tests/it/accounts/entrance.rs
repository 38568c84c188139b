//! The poster, and the way out of WeChat's browser.

use crate::support::TestApp;

const WECHAT: &str =
    "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36 XWEB/1260 MMWEBSDK/2024 MicroMessenger/8.0.50";

both! {
    async fn the_poster_carries_the_sites_address(app: TestApp) {
        let client = app.client();
        let page = client.get("/poster").await;
        page.expect(200).says("网上报名").says("http://localhost:8080").says("在浏览器中打开");
        assert!(page.body().contains("<svg"));
        let png = client.get("/poster.png").await;
        assert_eq!(png.expect(200).header("content-type"), "image/png");
        let picture = image::load_from_memory(&png.bytes).expect("a picture").to_luma8();
        let mut prepared = rqrr::PreparedImage::prepare(picture);
        let (_, text) = prepared.detect_grids().first().expect("a QR code").decode().expect("readable");
        assert_eq!(text, "http://localhost:8080");
        let svg = client.get("/poster.svg").await;
        assert_eq!(svg.expect(200).header("content-type"), "image/svg+xml");
    }

    async fn every_page_in_wechat_is_the_guide_out_of_it(app: TestApp) {
        let client = app.client().with_user_agent(WECHAT);
        for path in ["/", "/register", "/login", "/poster", "/me/messages"] {
            let page = client.get(path).await;
            page.expect(200).says("请在浏览器中打开").says("···").says("复制链接");
            // The link leads to where one wanted to go.
            page.says(&format!("http://localhost:8080{path}"));
            assert!(!page.has_form("/login"));
        }
        app.client().get("/login").await.expect(200).says_not("复制链接");
        // The staff's console and what pages are made of are not concerned.
        client.get("/console/login").await.expect(200).says("管理端登录");
    }
}
