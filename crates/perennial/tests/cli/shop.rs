//! A folder with a database, and the program run in it.

use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::Value;

/// A folder of its own for one test, removed afterwards.
pub(crate) struct Shop {
    folder: PathBuf,
}

/// What the program did.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Shop {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("perennial-cli-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        Self { folder }
    }

    /// With the starter programme in force since 2020.
    pub(crate) fn with_programme() -> Self {
        let shop = Self::new();
        shop.run(["new-programme", "--output", "programme.toml"]).succeeded();
        shop.publish("programme.toml");
        shop
    }

    pub(crate) fn publish(&self, file: &str) {
        self.run(["publish-programme", file, "--effective-at", "1990-01-01T00:00:00Z"]).succeeded();
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, text).expect("the file is written");
        path
    }

    /// Runs the program in this folder, on this folder's database.
    pub(crate) fn run<I: IntoIterator<Item: AsRef<OsStr>>>(&self, arguments: I) -> Ran {
        self.run_with(arguments, "")
    }

    /// The same, with a text on standard input.
    pub(crate) fn run_with<I: IntoIterator<Item: AsRef<OsStr>>>(&self, arguments: I, input: &str) -> Ran {
        let mut child = Command::new(env!("CARGO_BIN_EXE_perennial"))
            .args(arguments)
            .current_dir(&self.folder)
            .env("PERENNIAL_DATABASE", "sqlite:shop.db")
            .env_remove("DATABASE_URL")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        child.stdin.take().expect("standard input").write_all(input.as_bytes()).expect("it reads");
        let output = child.wait_with_output().expect("the program ends");
        Ran {
            code: output.status.code().expect("an exit code"),
            stdout: String::from_utf8(output.stdout).expect("UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }

    /// Runs with `--json` and reads the answer.
    pub(crate) fn json<I: IntoIterator<Item: AsRef<OsStr>>>(&self, arguments: I) -> Value {
        let mut all = vec![OsStr::new("--json").to_owned()];
        all.extend(arguments.into_iter().map(|argument| argument.as_ref().to_owned()));
        let ran = self.run(all);
        ran.expect_code(0);
        serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stdout))
    }

    /// What the whole database holds, condensed.
    pub(crate) fn digest(&self, backup: &str) -> String {
        self.json(["backup", backup])["digest"].as_str().expect("a digest").to_owned()
    }

    /// Runs SQL on the database behind the program's back. `false`, said loudly, where there is no Python.
    pub(crate) fn tamper(&self, sql: &str) -> bool {
        let script =
            "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute(sys.argv[2]); c.commit()";
        let ran = Command::new("python3").arg("-c").arg(script).arg(self.path("shop.db")).arg(sql).output();
        let Ok(output) = ran else {
            println!("SKIPPED: no python3 to change the database with");
            return false;
        };
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        true
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Ran {
    #[track_caller]
    pub(crate) fn expect_code(&self, code: i32) -> &Self {
        assert_eq!(self.code, code, "stdout: {}\nstderr: {}", self.stdout, self.stderr);
        self
    }

    #[track_caller]
    pub(crate) fn succeeded(&self) -> &Self {
        self.expect_code(0)
    }

    #[track_caller]
    pub(crate) fn says(&self, text: &str) -> &Self {
        let said = self.stdout.contains(text) || self.stderr.contains(text);
        assert!(said, "“{text}” is neither in stdout: {}\nnor in stderr: {}", self.stdout, self.stderr);
        self
    }

    /// The code of an error printed as JSON.
    pub(crate) fn error_code(&self) -> String {
        let body: Value = serde_json::from_str(&self.stderr).unwrap_or_else(|_| panic!("{}", self.stderr));
        body["error"]["code"].as_str().expect("a code").to_owned()
    }
}

/// The root of the repository.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
