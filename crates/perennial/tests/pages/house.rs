//! A server of pages on a database of its own, with a user for each role, and the requests of a browser.

use std::path::PathBuf;

use analytics::lake::{LakeLocation, SessionOptions};
use operations::{DatabaseUrl, Engine, EngineOptions, Insight, Role};
use tokio::net::TcpListener;

use super::answer::exchange;

pub(crate) const PASSWORD: &str = "correct horse battery";

/// A console on a database of its own, with a user for each role.
pub(crate) struct House {
    address: String,
    pub(crate) engine: Engine,
    folder: PathBuf,
    pub(crate) insight: Option<Insight>,
}

impl House {
    pub(crate) async fn open(name: &str, over_tls: bool) -> Self {
        Self::open_with(name, over_tls, EngineOptions::default(), false).await
    }

    /// A house whose clock can be moved on.
    pub(crate) async fn open_sandbox(name: &str) -> Self {
        Self::open_with(name, false, EngineOptions { sandbox: true, ..EngineOptions::default() }, false).await
    }

    /// A house with a place for a lake, which holds nothing yet.
    pub(crate) async fn open_with_lake(name: &str) -> Self {
        Self::open_with(name, false, EngineOptions::default(), true).await
    }

    async fn open_with(name: &str, over_tls: bool, options: EngineOptions, lake: bool) -> Self {
        let folder = std::env::temp_dir().join(format!("perennial-console-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let url: DatabaseUrl = format!("sqlite:{}", folder.join("test.db").display()).parse().unwrap();
        let engine = Engine::open(&url, options).await.unwrap();
        for role in Role::ALL {
            engine.create_console_user(role.name(), PASSWORD, role).await.unwrap();
        }
        let insight = lake.then(|| {
            let place = folder.join("test.lake");
            let place = LakeLocation::parse(place.to_str().unwrap(), Vec::new()).unwrap();
            Insight::new(place, SessionOptions::default())
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let router = perennial::console::router(engine.clone(), over_tls, insight.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, engine, folder, insight }
    }

    pub(crate) async fn session(&self, role: Role) -> String {
        let secret = self.engine.sign_in(role.name(), PASSWORD).await.unwrap().unwrap();
        format!("perennial_session={secret}")
    }

    /// Sends a request; the answer is the whole text that came back.
    pub(crate) async fn send(&self, request: &str, headers: &[(&str, &str)], body: &str) -> String {
        let mut text = format!("{request} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n", self.address);
        for (name, value) in headers {
            text += &[*name, ": ", *value, "\r\n"].concat();
        }
        text += &["Content-Length: ", &body.len().to_string(), "\r\n\r\n", body].concat();
        exchange(&self.address, &text).await
    }

    pub(crate) async fn get(&self, path: &str, cookie: &str) -> String {
        self.send(&format!("GET {path}"), &[("Cookie", cookie)], "").await
    }

    pub(crate) async fn post(&self, path: &str, cookie: &str, site: &str, body: &str) -> String {
        let headers = [
            ("Cookie", cookie),
            ("Sec-Fetch-Site", site),
            ("Content-Type", "application/x-www-form-urlencoded"),
        ];
        self.send(&format!("POST {path}"), &headers, body).await
    }

    pub(crate) async fn close(self) {
        self.engine.shut_down().await;
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
