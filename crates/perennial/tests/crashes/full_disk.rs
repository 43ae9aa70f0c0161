//! The disk fills up while tills write: they are told, and when there is room again the same server goes on.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::load;
use crate::place::{Place, Server, agree};

/// A small disk in memory, mounted for this test alone; most of it is taken by ballast that goes when a line is read.
/// Verification runs before the disk goes, once another line is read.
const STAGE: &str = r#"
set -e
mount -t tmpfs -o size=12m tmpfs "$DISK"
cp "$FOLDER/shop.db" "$DISK/shop.db"
head -c 9000000 /dev/zero > "$DISK/ballast"
"$PERENNIAL" serve --listen 127.0.0.1:0 --rate-limit 1000000 &
server=$!
read line
rm "$DISK/ballast"
mount -o remount,size=200m "$DISK"
touch "$FOLDER/room"
read line
kill "$server"
wait "$server"
"$PERENNIAL" verify --deep > "$FOLDER/verified.txt"
"$PERENNIAL" export entries --format jsonl --output "$FOLDER/entries.jsonl"
"#;

#[test]
fn a_full_disk_is_said_and_survived() {
    // A name space of our own lets us mount a disk without touching the machine's.
    let private = ["--user", "--map-root-user", "--mount", "--"];
    let tried =
        Command::new("unshare").args(private).args(["mount", "-t", "tmpfs", "tmpfs", "/mnt"]).output();
    if !tried.is_ok_and(|output| output.status.success()) {
        println!(
            "SKIPPED: no small disk can be mounted here; it needs unshare (util-linux) and user name spaces"
        );
        return;
    }
    let place = Place::sqlite();
    let disk = place.folder.join("disk");
    std::fs::create_dir(&disk).unwrap();
    let mut command = Command::new("unshare");
    command.args(private).args(["sh", "-c", STAGE]).current_dir(&place.folder);
    command.env("PERENNIAL", env!("CARGO_BIN_EXE_perennial")).env("DISK", &disk).env("FOLDER", &place.folder);
    command.env("PERENNIAL_DATABASE", format!("sqlite:{}", disk.join("shop.db").display()));
    command.stdin(Stdio::piped());
    let mut server = Server::start(&mut command);
    let mut input = server.input();

    let mut books = load::work(server.address(), &place.key, 1, usize::MAX, || ());
    assert!(!books.problems.is_empty(), "the disk did not fill up");
    for (status, problem) in &books.problems {
        assert_eq!(*status, 503, "{problem}");
        assert_eq!(problem["code"], "unavailable", "{problem}");
    }
    input.write_all(b"make room\n").unwrap();
    while !place.folder.join("room").exists() || load::probe(server.address(), "/readyz") != Some(200) {
        std::thread::yield_now();
    }
    load::settle(server.address(), &place.key, &mut books);
    let more = load::work(server.address(), &place.key, 2, 50, || ());
    assert!(more.problems.is_empty(), "{:?}", more.problems);
    input.write_all(b"end\n").unwrap();
    server.ended();
    assert!(std::fs::read_to_string(place.folder.join("verified.txt")).unwrap().contains("all holds"));
    agree(&std::fs::read_to_string(place.folder.join("entries.jsonl")).unwrap(), &[books, more]);
}
