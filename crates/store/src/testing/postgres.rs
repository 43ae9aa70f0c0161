//! A PostgreSQL server for one test process: its own data folder, a socket and no network port, durable settings.
//! A supervising shell stops it when the test process ends, however it ends.

use std::io::{BufRead, BufReader, Error, Read, Result};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::DatabaseUrl;

/// The account that owns the server's files; `initdb` refuses to run as root.
const USER_WHEN_ROOT: &str = "postgres";
/// Creates the cluster, starts it, says so, waits for its input to close, and cleans up.
const SUPERVISOR: &str = r#"
set -e
"$BIN/initdb" --pgdata="$FOLDER/data" --username=perennial --auth=trust --encoding=UTF8 --locale=C --no-sync >"$FOLDER/initdb.log" 2>&1
"$BIN/pg_ctl" start --wait --silent --timeout=120 --pgdata="$FOLDER/data" --log="$FOLDER/server.log" --options="$OPTIONS" </dev/null >/dev/null 2>&1
echo ready
cat >/dev/null
"$BIN/pg_ctl" stop --wait --silent --mode=immediate --pgdata="$FOLDER/data" >/dev/null 2>&1 || true
rm -rf "$FOLDER"
"#;

/// Numbers that keep names apart within this process.
static SERVERS: AtomicU32 = AtomicU32::new(0);
static DATABASES: AtomicU32 = AtomicU32::new(0);

/// A running server. Stopped and removed when it goes out of scope or the process ends.
#[derive(Debug)]
pub struct TemporaryPostgres {
    binaries: PathBuf,
    folder: PathBuf,
    user: Option<(u32, u32)>,
    options: String,
    supervisor: Child,
}

impl TemporaryPostgres {
    /// The server that all tests of this process share. `None`, after saying so loudly, when no server binaries
    /// are installed.
    ///
    /// # Panics
    /// When an installed server does not start: the tests would otherwise pass without having run.
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Option<TemporaryPostgres>> = OnceLock::new();
        SHARED
            .get_or_init(|| match Self::start() {
                Ok(server) => server,
                Err(cause) => panic!("the temporary PostgreSQL server did not start: {cause}"),
            })
            .as_ref()
    }

    /// Starts a server of its own, for tests that crash it or change its settings.
    pub fn start() -> Result<Option<Self>> {
        let Some(binaries) = server_binaries() else {
            eprintln!(
                "SKIPPED: no PostgreSQL server found; install it, for instance: apt-get install postgresql"
            );
            return Ok(None);
        };
        let name = format!("perennial-pg-{}-{}", std::process::id(), SERVERS.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder)?;
        let user = if number_of(&["-u"])? == 0 {
            let ids = (number_of(&["-u", USER_WHEN_ROOT])?, number_of(&["-g", USER_WHEN_ROOT])?);
            std::os::unix::fs::chown(&folder, Some(ids.0), Some(ids.1))?;
            Some(ids)
        } else {
            None
        };
        let options = format!(
            "-c listen_addresses= -c unix_socket_directories={} -c max_connections=200 -c shared_buffers=64MB",
            folder.display()
        );
        let mut command = as_user(Command::new("sh"), user);
        let mut supervisor = command
            .args(["-c", SUPERVISOR])
            .env("BIN", &binaries)
            .env("FOLDER", &folder)
            .env("OPTIONS", &options)
            .current_dir(&folder)
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        if let Some(output) = supervisor.stdout.take() {
            BufReader::new(output).read_line(&mut line)?;
        }
        if line.trim() != "ready" {
            return Err(Error::other(failure(&folder, &mut supervisor)));
        }
        Ok(Some(Self { binaries, folder, user, options, supervisor }))
    }

    /// Makes a new, empty database and returns its name.
    pub fn database(&self) -> Result<String> {
        let name = format!("test_{}", DATABASES.fetch_add(1, Ordering::Relaxed));
        self.psql("postgres", &format!("CREATE DATABASE {name}"))?;
        Ok(name)
    }

    /// The address of a database of this server.
    pub fn url(&self, database: &str) -> DatabaseUrl {
        DatabaseUrl::Postgres(format!("postgres:///{database}?host={}&user=perennial", self.folder.display()))
    }

    /// Runs SQL as an administrator and returns what it prints.
    pub fn psql(&self, database: &str, sql: &str) -> Result<String> {
        let output = as_user(Command::new(self.binaries.join("psql")), self.user)
            .args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1"])
            .arg(format!("--host={}", self.folder.display()))
            .args(["--username=perennial", "--dbname", database, "--command", sql])
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .output()?;
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).into_owned())
        } else {
            Err(Error::other(String::from_utf8_lossy(&output.stderr).into_owned()))
        }
    }

    /// Kills the server and all its processes at once, as a power cut would, and waits until they are gone.
    pub fn crash(&self) -> Result<()> {
        let text = std::fs::read_to_string(self.folder.join("data/postmaster.pid"))?;
        let postmaster: u32 = text.lines().next().and_then(|line| line.trim().parse().ok()).unwrap_or(0);
        // Stopped first: a postmaster that sees a child die would start others in its place.
        Command::new("kill").args(["-STOP", &postmaster.to_string()]).status()?;
        let mut processes = children_of(postmaster)?;
        processes.push(postmaster);
        let numbers: Vec<String> = processes.iter().map(ToString::to_string).collect();
        Command::new("kill").arg("-KILL").args(&numbers).stderr(Stdio::null()).status()?;
        while processes.iter().any(|process| alive(*process)) {
            std::thread::yield_now();
        }
        // Where nobody collects orphans, the dead server keeps its number, and a new one would respect its locks.
        for lock in ["data/postmaster.pid", ".s.PGSQL.5432.lock", ".s.PGSQL.5432"] {
            std::fs::remove_file(self.folder.join(lock))?;
        }
        Ok(())
    }

    /// Starts the server again after [`Self::crash`] and waits until it has recovered.
    pub fn restart(&self) -> Result<()> {
        let status = as_user(Command::new(self.binaries.join("pg_ctl")), self.user)
            .args(["start", "--wait", "--silent", "--timeout=120"])
            .arg(format!("--pgdata={}", self.folder.join("data").display()))
            .arg(format!("--log={}", self.folder.join("server.log").display()))
            .arg(format!("--options={}", self.options))
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()?;
        if status.success() {
            return Ok(());
        }
        Err(Error::other(std::fs::read_to_string(self.folder.join("server.log"))?))
    }
}

impl Drop for TemporaryPostgres {
    fn drop(&mut self) {
        drop(self.supervisor.stdin.take());
        // The supervisor ends by itself; there is nobody left to tell if it does not.
        let _ = self.supervisor.wait();
    }
}

/// The newest installed server.
fn server_binaries() -> Option<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|folder| Some((folder.file_name().to_str()?.parse().ok()?, folder.path().join("bin"))))
        .filter(|(_, path)| path.join("initdb").exists())
        .collect();
    versions.sort();
    if let Some((_, path)) = versions.pop() {
        return Some(path);
    }
    let output = Command::new("pg_config").arg("--bindir").output().ok()?;
    let path = PathBuf::from(String::from_utf8(output.stdout).ok()?.trim());
    path.join("initdb").exists().then_some(path)
}

fn number_of(arguments: &[&str]) -> Result<u32> {
    let output = Command::new("id").args(arguments).output()?;
    String::from_utf8_lossy(&output.stdout).trim().parse().map_err(Error::other)
}

fn as_user(mut command: Command, user: Option<(u32, u32)>) -> Command {
    if let Some((user, group)) = user {
        command.uid(user).gid(group);
    }
    command
}

fn failure(folder: &Path, supervisor: &mut Child) -> String {
    let mut text = String::new();
    for log in ["initdb.log", "server.log"] {
        text.push_str(&std::fs::read_to_string(folder.join(log)).unwrap_or_default());
    }
    if let Some(mut errors) = supervisor.stderr.take() {
        // What cannot be read cannot be reported either.
        let _ = errors.read_to_string(&mut text);
    }
    text
}

/// Fields of `/proc/PID/stat` after the name in brackets: state, parent.
fn state_and_parent(process: u32) -> Option<(String, u32)> {
    let text = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let mut fields = text.rsplit_once(')')?.1.split_whitespace();
    Some((fields.next()?.to_owned(), fields.next()?.parse().ok()?))
}

fn children_of(parent: u32) -> Result<Vec<u32>> {
    let processes = std::fs::read_dir("/proc")?.flatten();
    let numbers = processes.filter_map(|process| process.file_name().to_str()?.parse().ok());
    Ok(numbers.filter(|number| state_and_parent(*number).is_some_and(|(_, of)| of == parent)).collect())
}

fn alive(process: u32) -> bool {
    state_and_parent(process).is_some_and(|(state, _)| state != "Z")
}
