//! A place to crash in: a database, the program run on it, and the server as a child that can be killed.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::Value;

use crate::load::{Books, expected};

/// A database with the starter programme in force and a key to write with.
pub(crate) struct Place {
    pub(crate) folder: PathBuf,
    pub(crate) database: String,
    pub(crate) key: String,
}

/// The real server, in a process of its own.
pub(crate) struct Server {
    child: Child,
    address: String,
}

impl Place {
    /// On SQLite, in a folder of its own.
    pub(crate) fn sqlite() -> Self {
        let folder = new_folder();
        let database = format!("sqlite:{}", folder.join("shop.db").display());
        Self::prepared(folder, database)
    }

    /// On a database server.
    pub(crate) fn at(database: String) -> Self {
        Self::prepared(new_folder(), database)
    }

    fn prepared(folder: PathBuf, database: String) -> Self {
        let mut place = Self { folder, database, key: String::new() };
        place.run(&["new-programme", "--output", "programme.toml"]);
        place.run(&["publish-programme", "programme.toml", "--effective-at", "1990-01-01T00:00:00Z"]);
        let key = place.run(&["issue-api-key", "till", "--scopes", "all"]);
        key.trim().clone_into(&mut place.key);
        place
    }

    /// The program, on this place's database.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_perennial"));
        command.current_dir(&self.folder).env("PERENNIAL_DATABASE", &self.database);
        command
    }

    /// Runs the program to its end, which must be good.
    pub(crate) fn run(&self, arguments: &[&str]) -> String {
        let output = self.command().args(arguments).stdin(Stdio::null()).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(
            output.status.success(),
            "{arguments:?}: {text}\n{}",
            String::from_utf8_lossy(&output.stderr)
        );
        text
    }

    /// Serves on a port that the system chooses.
    pub(crate) fn serve(&self) -> Server {
        let mut command = self.command();
        command.args(["serve", "--listen", "127.0.0.1:0", "--rate-limit", "1000000"]);
        Server::start(&mut command)
    }

    /// Verification finds nothing, and the ledger holds exactly what the books say.
    pub(crate) fn agrees_with(&self, books: &[Books]) {
        self.run(&["verify", "--deep"]);
        agree(&self.run(&["export", "entries", "--format", "jsonl"]), books);
    }
}

/// An export of entries holds exactly what the books say: nothing is lost, nothing is there twice.
pub(crate) fn agree(exported: &str, books: &[Books]) {
    let mut found = BTreeMap::new();
    for line in exported.lines() {
        let entry: Value = serde_json::from_str(line).unwrap();
        *found.entry(entry["event"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    found.retain(|event, _| event != "member_enrolled" && event != "points_released");
    assert_eq!(found, expected(books), "left: the ledger; right: the tills' books");
}

fn new_folder() -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let folder = std::env::temp_dir().join(format!("perennial-crash-{}-{number}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

impl Drop for Place {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("left for inspection: {}", self.folder.display());
        } else {
            let _ = std::fs::remove_dir_all(&self.folder);
        }
    }
}

impl Server {
    /// Starts a command that ends up serving, and waits until it says where.
    pub(crate) fn start(command: &mut Command) -> Self {
        let log = std::fs::File::create(log_of(command)).unwrap();
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(log);
        let child = command.spawn().unwrap();
        let mut server = Self { child, address: String::new() };
        let output = BufReader::new(server.child.stdout.take().unwrap());
        for line in output.lines().map_while(Result::ok) {
            if let Some(address) = line.strip_prefix("api: ") {
                address.trim_end_matches("/v1").clone_into(&mut server.address);
            }
            if line == "ready" {
                return server;
            }
        }
        panic!("the server did not start: {}", std::fs::read_to_string(log_of(command)).unwrap());
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Kills it as `kill -9` does, and waits until it is gone.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// What the command reads.
    pub(crate) fn input(&mut self) -> ChildStdin {
        self.child.stdin.take().unwrap()
    }

    /// Waits until it has ended by itself, which must be a good end.
    pub(crate) fn ended(mut self) {
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn log_of(command: &Command) -> PathBuf {
    command.get_current_dir().unwrap_or_else(|| Path::new(".")).join("server.log")
}
