//! A Ballista cluster in this process: a scheduler and executors as their programs start them, each with threads of its own,
//! that know each other by ports on loopback only.
#![allow(unreachable_pub, clippy::expect_used, reason = "a part of a test and of an example")]

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use analytics::lake::{Engine, Scheduler};
use ballista_executor::executor_process::{ExecutorProcessConfig, start_executor_process};
use ballista_scheduler::cluster::BallistaCluster;
use ballista_scheduler::config::SchedulerConfig;
use ballista_scheduler::scheduler_process::start_server;
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

/// Where all of it listens.
const HOST: &str = "127.0.0.1";
/// What Ballista's scheduler gives its threads: plans are gone through by recursion.
const STACK_BYTES: usize = 32 << 20;
/// How long executors may take until the scheduler knows them.
const START_TIMEOUT: Duration = Duration::from_secs(30);

/// A cluster, until it is dropped.
pub struct Cluster {
    port: u16,
    runtimes: Vec<Runtime>,
    /// What executors write goes with it.
    _folder: TempDir,
}

impl Cluster {
    /// A scheduler with so many executors of one core each.
    pub async fn start(executors: usize) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let address: SocketAddr = format!("{HOST}:{}", free_port()).parse().expect("an address");
        let config = Arc::new(SchedulerConfig {
            external_host: HOST.to_owned(),
            bind_host: HOST.to_owned(),
            bind_port: address.port(),
            ..SchedulerConfig::default()
        });
        let cluster = BallistaCluster::new_from_config(&config).await.expect("a cluster");
        let state = cluster.cluster_state();
        let mut runtimes = vec![runtime()];
        runtimes[0].spawn(async move {
            start_server(cluster, address, config).await.expect("a scheduler");
        });
        listens(address).await;
        for number in 0..executors {
            let work_folder = folder.path().join(number.to_string());
            std::fs::create_dir(&work_folder).expect("a folder");
            let config = Arc::new(ExecutorProcessConfig {
                bind_host: HOST.to_owned(),
                external_host: Some(HOST.to_owned()),
                port: free_port(),
                grpc_port: free_port(),
                scheduler_host: HOST.to_owned(),
                scheduler_port: address.port(),
                vcores: 1,
                work_dir: Some(work_folder.to_str().expect("a name").to_owned()),
                ..ExecutorProcessConfig::default()
            });
            let runtime = runtime();
            runtime.spawn(async move { start_executor_process(config).await.expect("an executor") });
            runtimes.push(runtime);
        }
        let known = async {
            while state.registered_executor_metadata().await.len() < executors {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(START_TIMEOUT, known).await.expect("executors that are known in time");
        Self { port: address.port(), runtimes, _folder: folder }
    }

    /// The engine that asks it.
    pub fn engine(&self) -> Engine {
        Engine::Ballista(Scheduler { host: HOST.to_owned(), port: self.port })
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.runtimes.drain(..).for_each(Runtime::shutdown_background);
    }
}

fn runtime() -> Runtime {
    Builder::new_multi_thread()
        .worker_threads(1)
        .thread_stack_size(STACK_BYTES)
        .enable_all()
        .build()
        .expect("threads")
}

/// A port that nobody listens at.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind((HOST, 0)).expect("a port");
    listener.local_addr().expect("its address").port()
}

async fn listens(address: SocketAddr) {
    let connects = async {
        while tokio::net::TcpStream::connect(address).await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(START_TIMEOUT, connects).await.expect("a scheduler that listens in time");
}
