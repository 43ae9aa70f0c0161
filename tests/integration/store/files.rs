//! SQLite files: one server each, readers beside it, copies that can be trusted.

use std::io::{Read, Seek, SeekFrom, Write};

use store::testing::TemporaryFolder;
use store::{Database, DatabaseUrl, OpenOptions, StoreError};
use tokio::runtime::Runtime;

use crate::engines::{postgres, sqlite};
use crate::samples::{everything, member};

#[test]
fn a_file_is_served_by_one_process_and_read_by_many() {
    let folder = TemporaryFolder::new().unwrap();
    let url = DatabaseUrl::Sqlite(folder.path().join("a.db"));
    let runtime = Runtime::new().unwrap();
    let open =
        |read_only| runtime.block_on(Database::open(&url, &OpenOptions::default().read_only(read_only)));
    let served = open(false).unwrap();
    let second = open(false);
    assert!(matches!(&second, Err(StoreError::InUse { path }) if path.ends_with("a.db")), "{second:?}");
    let reader = open(true).unwrap();
    let Database::Sqlite(file) = &reader else { panic!("a SQLite file") };
    assert!(matches!(file.writer(), Err(StoreError::Unsupported(_))), "a reader does not write");
    let digest = |database: &Database| runtime.block_on(database.digest()).unwrap();
    assert_eq!(digest(&reader), digest(&served));
    drop(served);
    open(false).unwrap();
}

#[test]
fn a_missing_file_is_not_made_by_a_reader() {
    let folder = TemporaryFolder::new().unwrap();
    let path = folder.path().join("none.db");
    let url = DatabaseUrl::Sqlite(path.clone());
    let opened =
        Runtime::new().unwrap().block_on(Database::open(&url, &OpenOptions::default().read_only(true)));
    assert!(opened.is_err());
    assert!(!path.exists());
}

#[test]
fn a_copy_holds_what_the_original_held_and_a_damaged_one_is_found_out() {
    let mut store = sqlite(&OpenOptions::default());
    for number in 0..200 {
        store.save(&everything(&[member(number, "张伟")])).unwrap();
    }
    let copy = store.file().unwrap().with_extension("copy");
    let original = store.runtime.block_on(async {
        store.database.backup(&copy).await?;
        store.database.digest().await
    });
    let check = || store.runtime.block_on(Database::check_backup(&copy));
    assert_eq!(check().unwrap(), original.unwrap());
    let again = store.runtime.block_on(store.database.backup(&copy));
    assert!(again.is_err(), "a copy never overwrites");
    damage(&copy);
    assert!(check().is_err());
}

/// Turns round the bits of a page in the middle of the file.
fn damage(path: &std::path::Path) {
    let mut file = std::fs::OpenOptions::new().read(true).write(true).open(path).unwrap();
    let middle = file.metadata().unwrap().len() / 2 / 4096 * 4096;
    let mut page = vec![0; 4096];
    file.seek(SeekFrom::Start(middle)).unwrap();
    file.read_exact(&mut page).unwrap();
    for byte in &mut page {
        *byte = !*byte;
    }
    file.seek(SeekFrom::Start(middle)).unwrap();
    file.write_all(&page).unwrap();
}

#[test]
fn postgresql_names_its_own_tool_for_copies() {
    let Some(store) = postgres(&OpenOptions::default()) else { return };
    let told = store.runtime.block_on(store.database.backup(std::path::Path::new("/tmp/copy")));
    assert!(matches!(&told, Err(StoreError::Unsupported(text)) if text.contains("pg_dump")), "{told:?}");
}
