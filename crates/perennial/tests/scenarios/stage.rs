//! Where a scenario is told: a server on a fresh database of either kind, its clock, and what it answered last.

use std::collections::BTreeMap;
use std::sync::Barrier;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use operations::DatabaseUrl;
use operations::testing::{TemporaryFolder, TemporaryPostgres};
use perennial::api::ApiOptions;
use serde_json::Value;

use crate::acts::{self, Act, Call};
use crate::house::{Actor, Answer, House, new_folder};
use crate::phrase;
use crate::run::Otherwise;
use crate::story::{Line, Step};

/// The databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Sqlite,
    Postgres,
}

impl Kind {
    /// Whether it is installed; its absence is said loudly.
    pub(crate) fn is_here(self) -> bool {
        self == Self::Sqlite || TemporaryPostgres::shared().is_some()
    }
}

/// A server, a database, and the story so far.
pub(crate) struct Stage {
    kind: Kind,
    url: DatabaseUrl,
    folder: TemporaryFolder,
    house: Option<House>,
    manager: Actor,
    pub(crate) zone: TimeZone,
    pub(crate) programme: String,
    /// What was asked in the last step, with what was answered, in order.
    pub(crate) last: Vec<(Call, Answer)>,
    /// The first answer to each request, by what names it.
    pub(crate) first: BTreeMap<String, String>,
    /// Members enrolled by a crowd's purchases.
    pub(crate) crowd: i64,
    /// The ids of members who were merged, by their names.
    pub(crate) merged: BTreeMap<String, String>,
    /// Documents numbered by the stage itself.
    counted: u32,
    backup: Option<DatabaseUrl>,
}

impl Stage {
    /// A server with the programme in force, at the start of 2026.
    pub(crate) fn open(kind: Kind, programme: &str) -> Result<Self, Otherwise> {
        let table: toml::Table =
            programme.parse().map_err(|error| Otherwise::new("a programme in TOML", error))?;
        let zone = table.get("time_zone").and_then(toml::Value::as_str).unwrap_or("UTC");
        let zone = TimeZone::get(zone).map_err(|error| Otherwise::new("a time zone", error))?;
        if let Err(findings) = operations::read_programme(programme) {
            return Err(Otherwise::new("a programme that can be published", format!("{findings:#?}")));
        }
        let folder = TemporaryFolder::new().unwrap();
        let url = match kind {
            Kind::Sqlite => DatabaseUrl::Sqlite(folder.path().join("ledger.db")),
            Kind::Postgres => {
                let server = TemporaryPostgres::shared().unwrap();
                server.url(&server.database().unwrap())
            }
        };
        let house = serve(&url, "2026-01-01T00:00:00Z".parse().unwrap());
        house.publish(programme);
        let manager = house.manager();
        Ok(Self {
            kind,
            url,
            folder,
            house: Some(house),
            manager,
            zone,
            programme: programme.to_owned(),
            last: Vec::new(),
            first: BTreeMap::new(),
            crowd: 0,
            merged: BTreeMap::new(),
            counted: 0,
            backup: None,
        })
    }

    fn house(&self) -> &House {
        self.house.as_ref().unwrap()
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.house().engine.clock().now()
    }

    /// A number that no document of the stage had before.
    pub(crate) fn next_number(&mut self) -> u32 {
        self.counted += 1;
        self.counted
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.manager.get(path)
    }

    /// An instant of the programme's local time.
    pub(crate) fn instant(&self, words: &[&str]) -> Result<Timestamp, Otherwise> {
        let wrong = |expected: String| Otherwise::new(expected, "what is written");
        let local = phrase::moment(words).map_err(wrong)?;
        local
            .to_zoned(self.zone.clone())
            .map(|zoned| zoned.timestamp())
            .map_err(|error| wrong(error.to_string()))
    }

    /// The id of a member by the name in the story.
    pub(crate) fn member_id(&self, name: &str) -> Result<String, Otherwise> {
        let answer = self.get(&format!("/v1/members/lookup?kind=external&value={name}"));
        match answer.status {
            200 => Ok(answer.json()["id"].as_str().unwrap().to_owned()),
            // A household has a name and no number.
            404 => self.named(name).ok_or_else(|| Otherwise::new(format!("a member {name}"), answer.text)),
            _ => Err(Otherwise::new(format!("a member {name}"), answer.text)),
        }
    }

    /// The id of the one account of a name.
    fn named(&self, name: &str) -> Option<String> {
        let found = self.get(&format!("/v1/members?text={name}")).json();
        let only = found["data"].as_array().filter(|found| found.len() == 1)?;
        only[0]["id"].as_str().map(str::to_owned)
    }

    /// One thing happens.
    pub(crate) fn happens(&mut self, text: &str) -> Result<(), Otherwise> {
        match acts::read(self, text)? {
            Act::Call(call) => {
                let answer = send(&self.manager, &call);
                self.heard(vec![(call, answer)]);
            }
            Act::Clock(at) => {
                self.house().engine.clock().set(at);
                self.last.clear();
            }
            Act::Crowd(calls) => {
                let manager = self.manager.clone();
                let heard = calls.into_iter().map(|call| (send(&manager, &call), call));
                self.heard(heard.map(|(answer, call)| (call, answer)).collect());
            }
            Act::Again => {
                let calls: Vec<Call> = self.last.drain(..).map(|(call, _)| call).collect();
                let heard = calls.into_iter().map(|call| (send(&self.manager, &call), call));
                let heard = heard.map(|(answer, call)| (call, answer)).collect();
                self.heard(heard);
            }
            Act::Restart => self.reopen(self.url.clone()),
            Act::BackUp => self.back_up(),
            Act::Restore => self.restore()?,
        }
        Ok(())
    }

    /// Several things happen at the same time, each from a till of its own.
    pub(crate) fn happen_together(&mut self, step: &Step) -> Result<(), (Line, Otherwise)> {
        let mut calls = Vec::new();
        for line in &step.together {
            let lines = acts::multiplied(&step.line.text, line)
                .map_err(|otherwise| (step.line.clone(), otherwise))?;
            for line in lines {
                match acts::read(self, &line.text).map_err(|otherwise| (line.clone(), otherwise))? {
                    Act::Call(call) => calls.push(call),
                    _ => return Err((line.clone(), Otherwise::new("a request", "something else"))),
                }
            }
        }
        let barrier = Barrier::new(calls.len());
        let manager = &self.manager;
        let answers: Vec<Answer> = std::thread::scope(|scope| {
            let racers: Vec<_> = calls
                .iter()
                .map(|call| {
                    let (barrier, till) = (&barrier, manager.clone());
                    scope.spawn(move || {
                        barrier.wait();
                        send(&till, call)
                    })
                })
                .collect();
            racers.into_iter().map(|racer| racer.join().unwrap()).collect()
        });
        self.heard(calls.into_iter().zip(answers).collect());
        Ok(())
    }

    fn heard(&mut self, last: Vec<(Call, Answer)>) {
        for (call, answer) in &last {
            self.first.entry(call.name.clone()).or_insert_with(|| lasting(answer));
        }
        self.last = last;
    }

    /// Stops the server and starts another one on a database, at the same instant.
    fn reopen(&mut self, url: DatabaseUrl) {
        let now = self.now();
        self.house().runtime.block_on(self.house().engine.shut_down());
        self.house = None;
        let house = serve(&url, now);
        self.url = url;
        self.manager = house.manager();
        self.house = Some(house);
        self.last.clear();
    }

    /// A copy of the database as it is now: SQLite while it is in use, PostgreSQL by the server's own means.
    fn back_up(&mut self) {
        match &self.url {
            DatabaseUrl::Sqlite(_) => {
                let number = self.next_number();
                let target = self.folder.path().join(format!("backup-{number}.db"));
                self.house().runtime.block_on(self.house().engine.back_up(&target)).unwrap();
                self.backup = Some(DatabaseUrl::Sqlite(target));
            }
            url @ DatabaseUrl::Postgres(_) => {
                let url = url.clone();
                let now = self.now();
                self.house = None;
                self.backup = Some(copy(&url));
                let house = serve(&url, now);
                self.manager = house.manager();
                self.house = Some(house);
            }
        }
        self.last.clear();
    }

    fn restore(&mut self) -> Result<(), Otherwise> {
        let backup = self.backup.clone().ok_or_else(|| Otherwise::new("a backup made before", "none"))?;
        let url = match &backup {
            DatabaseUrl::Sqlite(file) => {
                let number = self.next_number();
                let url = DatabaseUrl::Sqlite(self.folder.path().join(format!("restored-{number}.db")));
                self.house().runtime.block_on(operations::restore(file, &url)).unwrap();
                url
            }
            DatabaseUrl::Postgres(_) => copy(&backup),
        };
        self.reopen(url);
        Ok(())
    }

    /// The whole ledger, audited.
    pub(crate) fn verify(&self) -> Result<(), Otherwise> {
        let report = self.house().runtime.block_on(self.house().engine.verify(true, &mut |_| {})).unwrap();
        if report.is_clean() {
            return Ok(());
        }
        Err(Otherwise::new(format!("no difference on {:?}", self.kind), format!("{:#?}", report.differences)))
    }
}

/// What of an answer must never change: the receipt byte for byte, or the problem's code.
pub(crate) fn lasting(answer: &Answer) -> String {
    match answer.text.split_once("\"receipt\":") {
        Some((_, receipt)) if answer.status < 300 => receipt.to_owned(),
        _ => match serde_json::from_str::<Value>(&answer.text) {
            Ok(body) => format!("{} {}", answer.status, body.get("code").unwrap_or(&body)),
            Err(_) => answer.text.clone(),
        },
    }
}

fn send(actor: &Actor, call: &Call) -> Answer {
    let headers: Vec<(&str, &str)> = call.key.iter().map(|key| ("Idempotency-Key", key.as_str())).collect();
    let body = call.body.as_ref().map(Value::to_string);
    actor.send(call.method(), &call.path, &headers, body.as_deref())
}

fn serve(url: &DatabaseUrl, now: Timestamp) -> House {
    let api = ApiOptions { key_staleness: std::time::Duration::ZERO, ..ApiOptions::default() };
    House::at(url, new_folder(), now, api)
}

/// A new PostgreSQL database with the content of another one that nobody uses.
fn copy(url: &DatabaseUrl) -> DatabaseUrl {
    static COUNT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let server = TemporaryPostgres::shared().unwrap();
    let DatabaseUrl::Postgres(text) = url else { panic!("not PostgreSQL: {url:?}") };
    let name = text.trim_start_matches("postgres:///").split('?').next().unwrap();
    let number = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let target = format!("copy_{number}");
    let quiet = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
    server.psql("postgres", &quiet).unwrap();
    server.psql("postgres", &format!("CREATE DATABASE {target} TEMPLATE {name}")).unwrap();
    server.url(&target)
}
