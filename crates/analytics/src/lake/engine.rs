//! Which engine answers: the one in this process, or a Ballista cluster.

use std::fmt;
use std::str::FromStr;

use url::Url;

use super::error::LakeError;

/// How an address of a cluster begins.
const SCHEME: &str = "ballista";
/// Where a scheduler listens unless it is told otherwise.
const SCHEDULER_PORT: u16 = 50_050;
/// Parts that a cluster works on side by side unless it is said otherwise: as many as Ballista itself takes.
const CLUSTER_PARTS: usize = 16;

/// Which engine answers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Engine {
    /// The one in this process.
    #[default]
    Embedded,
    /// A Ballista cluster: a scheduler and its executors, all of which reach the lake by the address it has here.
    Ballista(Scheduler),
}

/// Where a cluster takes questions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scheduler {
    /// Name or address of its machine; an address of version 6 stands in brackets.
    pub host: String,
    /// Its port.
    pub port: u16,
}

impl Engine {
    /// Threads here, or parts of a question there, unless it is said otherwise.
    pub fn threads(&self) -> usize {
        match self {
            Self::Embedded => std::thread::available_parallelism().map_or(1, usize::from),
            Self::Ballista(_) => CLUSTER_PARTS,
        }
    }
}

impl fmt::Display for Scheduler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

impl FromStr for Engine {
    type Err = LakeError;

    /// Reads `ballista://host:port`; without a port it is the usual one. A program that cannot ask clusters says so here.
    fn from_str(text: &str) -> Result<Self, LakeError> {
        let unknown = || LakeError::Engine { engine: text.to_owned() };
        let url = Url::parse(text).map_err(|_| unknown())?;
        let is_bare = matches!(url.path(), "" | "/")
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty();
        match url.host_str().filter(|host| url.scheme() == SCHEME && is_bare && !host.is_empty()) {
            Some(_) if cfg!(not(feature = "ballista")) => Err(LakeError::WithoutBallista),
            Some(host) => {
                let port = url.port().unwrap_or(SCHEDULER_PORT);
                Ok(Self::Ballista(Scheduler { host: host.to_owned(), port }))
            }
            None => Err(unknown()),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::Engine;

    #[cfg(not(feature = "ballista"))]
    #[test]
    fn a_program_that_cannot_ask_clusters_says_how_to_build_one_that_can() {
        let refused = "ballista://localhost:50050".parse::<Engine>().expect_err("built without").to_string();
        assert!(refused.contains("cargo install --path crates/perennial --features ballista"), "{refused}");
    }

    #[cfg(feature = "ballista")]
    #[test]
    fn a_cluster_is_named_by_host_and_port() {
        let at = |host: &str, port| Engine::Ballista(super::Scheduler { host: host.to_owned(), port });
        for (text, engine) in [
            ("ballista://localhost:50051", at("localhost", 50_051)),
            ("ballista://10.0.0.7", at("10.0.0.7", 50_050)),
            ("ballista://[::1]:1/", at("[::1]", 1)),
        ] {
            assert_eq!(text.parse::<Engine>().unwrap(), engine, "{text}");
        }
    }

    #[test]
    fn what_names_no_cluster_is_refused_with_what_to_write() {
        for text in
            ["", "localhost:50050", "http://localhost:50050", "ballista://", "ballista://a:1/b", "ballista:a"]
        {
            let refused = text.parse::<Engine>().expect_err(text).to_string();
            assert!(refused.contains("ballista://host:port"), "{refused}");
        }
    }
}
