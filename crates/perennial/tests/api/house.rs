//! A house to visit: a real server on a real port with a fresh database, and actors with keys of their own.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use jiff::Timestamp;
use operations::{Clock, DatabaseUrl, Engine, EngineOptions, Insight, KeyMode, KeyRequest, Scope};
use perennial::api::ApiOptions;
use perennial::serve::{ServeOptions, serve};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

/// The programme of the house: a point per yuan, double on the 11th, a bonus for the app, gold from 500 points on.
pub(crate) const PROGRAMME: &str = include_str!("programme.toml");

/// A server and what it stands on.
pub(crate) struct House {
    pub(crate) runtime: Runtime,
    pub(crate) engine: Engine,
    pub(crate) folder: PathBuf,
    pub(crate) insight: Option<Insight>,
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    server: Option<tokio::task::JoinHandle<std::io::Result<()>>>,
}

/// A new folder for temporary things.
pub(crate) fn new_folder() -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let folder = std::env::temp_dir().join(format!("perennial-api-{}-{number}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Somebody with a key.
#[derive(Clone)]
pub(crate) struct Actor {
    base: String,
    key: Option<String>,
    agent: ureq::Agent,
}

/// What the server answered.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: ureq::http::HeaderMap,
    pub(crate) text: String,
}

impl House {
    pub(crate) fn open() -> Self {
        Self::with(ApiOptions { key_staleness: std::time::Duration::ZERO, ..ApiOptions::default() })
    }

    pub(crate) fn with(api: ApiOptions) -> Self {
        let folder = new_folder();
        let url: DatabaseUrl = format!("sqlite:{}", folder.join("house.db").display()).parse().unwrap();
        let house = Self::at(&url, folder, "2026-05-11T02:00:00Z".parse().unwrap(), api);
        house.publish(PROGRAMME);
        house
    }

    /// A house on a database, empty or not, at an instant. The folder is its own and goes with it.
    pub(crate) fn at(url: &DatabaseUrl, folder: PathBuf, now: Timestamp, api: ApiOptions) -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let (clock, sandbox, insight) = (Clock::manual(now), api.sandbox, api.insight.clone());
        let options = EngineOptions { clock, sandbox, ..EngineOptions::default() };
        let (engine, listener) = runtime.block_on(async {
            let engine = Engine::open(url, options).await.unwrap();
            (engine, TcpListener::bind("127.0.0.1:0").await.unwrap())
        });
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let stopped = async {
            let _ = stopped.await;
        };
        let server = runtime.spawn(serve(
            engine.clone(),
            listener,
            ServeOptions { api, sweep_every: None, ..ServeOptions::default() },
            stopped,
        ));
        Self { runtime, engine, folder, insight, address, stop: Some(stop), server: Some(server) }
    }

    /// Puts a programme in force, long since.
    pub(crate) fn publish(&self, programme: &str) {
        let effective_at: Timestamp = "2020-01-01T00:00:00Z".parse().unwrap();
        self.runtime.block_on(self.engine.publish_programme(programme, effective_at, "test")).unwrap();
    }

    /// An actor with a live key.
    pub(crate) fn actor(&self, name: &str, scopes: &[Scope]) -> Actor {
        self.actor_with(name, KeyMode::Live, scopes)
    }

    /// The till of a shop: it records documents.
    pub(crate) fn till(&self) -> Actor {
        self.actor("till", &[Scope::PurchasesWrite, Scope::MembersRead])
    }

    /// The online shop: it enrols and looks up as well.
    pub(crate) fn shop(&self) -> Actor {
        self.actor("shop", &[Scope::PurchasesWrite, Scope::MembersRead, Scope::MembersWrite])
    }

    /// An auditor: reads, writes nothing.
    pub(crate) fn auditor(&self) -> Actor {
        let scopes = [Scope::MembersRead, Scope::ProgrammesRead, Scope::OverviewRead, Scope::Operations];
        self.actor("auditor", &scopes)
    }

    /// Somebody who may do everything.
    pub(crate) fn manager(&self) -> Actor {
        self.actor("manager", &Scope::ALL)
    }

    pub(crate) fn actor_with(&self, name: &str, mode: KeyMode, scopes: &[Scope]) -> Actor {
        let request = KeyRequest { client: name.to_owned(), mode, scopes: scopes.to_vec(), expires_at: None };
        let issued = self.runtime.block_on(self.engine.issue_api_key(request, "test".to_owned())).unwrap();
        self.visitor().with_key(&issued.text)
    }

    /// Somebody without a key.
    pub(crate) fn visitor(&self) -> Actor {
        let config = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0);
        let agent = config.max_redirects_will_error(false).build().into();
        Actor { base: format!("http://{}", self.address), key: None, agent }
    }

    /// Where the server listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Moves the house's clock.
    pub(crate) fn set_clock(&self, at: &str) {
        self.engine.clock().set(at.parse().unwrap());
    }

    /// Stops the server as a supervisor does and waits for its end.
    pub(crate) fn stop(&mut self) {
        self.stop.take().map(|stop| stop.send(()));
        if let Some(server) = self.server.take() {
            self.runtime.block_on(server).unwrap().unwrap();
        }
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.stop();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Actor {
    pub(crate) fn with_key(mut self, key: &str) -> Self {
        self.key = Some(key.to_owned());
        self
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], None)
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, &[], Some(&body.to_string()))
    }

    /// Posts under an idempotency key.
    pub(crate) fn post_once(&self, path: &str, key: &str, body: &Value) -> Answer {
        self.send("POST", path, &[("Idempotency-Key", key)], Some(&body.to_string()))
    }

    pub(crate) fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&str>,
    ) -> Answer {
        let mut request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.base));
        if let Some(key) = &self.key {
            request = request.header("Authorization", format!("Bearer {key}"));
        }
        if body.is_some() && !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
            request = request.header("Content-Type", "application/json");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answered = match body {
            Some(body) => self.agent.run(request.body(body.to_owned()).unwrap()),
            None if method == "GET" => self.agent.run(request.body(()).unwrap()),
            // Of the length 0: a body that only ends in a packet of its own may come after the answer, and the server
            // then closes the connection, which the next request would be sent on.
            None => self.agent.run(request.body(String::new()).unwrap()),
        };
        let mut answered = answered.unwrap();
        Answer {
            status: answered.status().as_u16(),
            headers: answered.headers().clone(),
            text: answered.body_mut().with_config().limit(64 << 20).read_to_string().unwrap(),
        }
    }
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The answer if it has this status.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    /// The problem's code and field, after its shape was checked.
    #[track_caller]
    pub(crate) fn problem(&self) -> (String, Option<String>) {
        assert_eq!(self.header("content-type"), "application/problem+json", "{}: {}", self.status, self.text);
        let problem = self.json();
        let text = |name: &str| problem[name].as_str().map(str::to_owned);
        assert_eq!(problem["status"], self.status);
        assert_eq!(text("request_id").as_deref(), Some(self.header("x-request-id")));
        let code = text("code").unwrap();
        assert_eq!(text("type"), Some(format!("/docs/problems#{code}")));
        assert!(text("title").is_some() && text("detail").is_some_and(|detail| detail.len() > 10));
        (code, text("field"))
    }
}
