//! Lakes at the addresses of object stores: refused by name where the program was built without them, and the same lake as in
//! a folder where it was built with them and a server that speaks like Amazon's is installed.

use analytics::lake::LakeLocation;

#[cfg(not(feature = "object-stores"))]
#[test]
fn without_object_stores_their_addresses_are_refused_with_what_to_do() {
    for address in [
        "s3://bucket/lake",
        "gs://bucket/lake",
        "az://container/lake",
        "abfss://container@account.dfs.core.windows.net/lake",
        "https://files.example.com/lake",
    ] {
        let refused = LakeLocation::parse(address, Vec::new()).expect_err(address).to_string();
        assert!(refused.contains(&format!("“{address}”")), "{refused}");
        assert!(
            refused.contains("--features object-stores") && refused.contains("name a folder"),
            "{refused}"
        );
    }
}

#[test]
fn an_address_that_is_of_no_store_is_refused_whatever_was_built() {
    let refused = LakeLocation::parse("gopher://x/y", Vec::new()).expect_err("no store").to_string();
    assert!(refused.contains("gopher://x/y") && !refused.contains("--features"), "{refused}");
}

#[cfg(feature = "object-stores")]
mod with_a_server {
    use std::io::{Read, Write};
    use std::net::{TcpListener, TcpStream};
    use std::process::{Child, Command, Stdio};
    use std::time::{Duration, Instant};

    use analytics::lake::{
        DocumentOwner, Lake, LakeError, LakeLocation, LakeWriter, Origin, SessionOptions, ask,
    };
    use arrow::array::AsArray;
    use arrow::datatypes::Int64Type;
    use jiff::tz::TimeZone;

    use crate::report_support::sale;

    /// The server, which moto brings.
    const SERVER: &str = "moto_server";
    /// How long it may take to listen.
    const PATIENCE: Duration = Duration::from_secs(30);

    /// A server of its own, which ends with the test.
    struct Server {
        process: Child,
        port: u16,
    }

    impl Drop for Server {
        fn drop(&mut self) {
            let _ = self.process.kill();
            let _ = self.process.wait();
        }
    }

    impl Server {
        /// None where it is not installed, which is said.
        fn start() -> Option<Self> {
            let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            let mut command = Command::new(SERVER);
            command
                .args(["-H", "127.0.0.1", "-p", &port.to_string()])
                .stdout(Stdio::null())
                .stderr(Stdio::null());
            let Ok(process) = command.spawn() else {
                println!("SKIPPED: {SERVER} is not installed: pip install 'moto[server]'");
                return None;
            };
            let server = Self { process, port };
            let began = Instant::now();
            while TcpStream::connect(("127.0.0.1", port)).is_err() {
                assert!(began.elapsed() < PATIENCE, "{SERVER} does not listen");
                std::thread::sleep(Duration::from_millis(50));
            }
            Some(server)
        }

        fn location(&self, address: &str) -> LakeLocation {
            let settings = [
                ("AWS_ENDPOINT", format!("http://127.0.0.1:{}", self.port)),
                ("AWS_ALLOW_HTTP", "true".to_owned()),
                ("AWS_REGION", "us-east-1".to_owned()),
                ("AWS_ACCESS_KEY_ID", "key".to_owned()),
                ("AWS_SECRET_ACCESS_KEY", "secret".to_owned()),
            ];
            LakeLocation::parse(address, settings.map(|(name, value)| (name.to_owned(), value))).unwrap()
        }
    }

    fn bucket(server: &Server) {
        let mut stream = TcpStream::connect(("127.0.0.1", server.port)).unwrap();
        let request =
            "PUT /bucket HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }

    async fn writer(place: &LakeLocation, token: u64) -> LakeWriter {
        let origin = Origin::Ledger { ledger: "L1".to_owned() };
        LakeWriter::open(place, origin, &TimeZone::UTC, token).await.unwrap()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_lake_in_a_bucket_is_written_once_and_asked_as_one_in_a_folder() {
        let Some(server) = Server::start() else { return };
        bucket(&server);
        let place = server.location("s3://bucket/a/lake");
        let owner = |member_id| DocumentOwner { member_id, entry_no: None };
        let (mut fast, mut slow) = (writer(&place, 1).await, writer(&place, 2).await);
        for writer in [&mut fast, &mut slow] {
            writer.add_purchase(owner(1), &sale(1, "2026-03-01", Vec::new())).unwrap();
        }
        fast.commit("1").await.unwrap();
        let refused = slow.commit("1").await.expect_err("somebody was faster");
        assert!(matches!(refused, LakeError::Overtaken { .. }), "{refused}");
        fast.add_purchase(owner(2), &sale(2, "2026-04-01", Vec::new())).unwrap();
        fast.commit("2").await.unwrap();
        let lake = Lake::open(&place).await.unwrap();
        let session = lake.session(&SessionOptions::default()).await.unwrap();
        let sql = "SELECT count(DISTINCT reference) FROM purchases";
        let found = ask(&session, sql).await.unwrap().collect().await.unwrap();
        assert_eq!(found[0].column(0).as_primitive::<Int64Type>().value(0), 2);
    }
}
