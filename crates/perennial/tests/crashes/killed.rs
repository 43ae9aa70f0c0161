//! `kill -9` under load. SQLite: the server. PostgreSQL: the server and the whole tree of the database's processes.

use operations::testing::TemporaryPostgres;

use crate::load::{self, Books};
use crate::place::Place;

/// Kills of a normal run; `PERENNIAL_KILLS` and `PERENNIAL_KILLS_POSTGRESQL` ask for more.
const KILLS: u64 = 50;
const KILLS_POSTGRESQL: u64 = 5;
/// A round ends after 10 to this many acknowledged requests.
const ACKNOWLEDGED_MAX: u64 = 70;
/// The whole database is verified after so many kills, and at the end.
const VERIFY_EVERY: u64 = 10;
/// A database takes so many kills; then a new one, for verifying one that only grows would take most of a long run.
const KILLS_OF_A_DATABASE: u64 = 100;

fn wanted(variable: &str, usual: u64) -> u64 {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

/// When a round is cut off: spread over small and large counts, the same for the same round.
fn cut(round: u64) -> usize {
    usize::try_from(10 + round * 37 % (ACKNOWLEDGED_MAX - 10)).unwrap()
}

/// A new server takes what was left open; it is killed, too, for it has no say in what is durable.
fn settle(place: &Place, mut books: Books, all: &mut Vec<Books>, verify: bool) {
    let again = place.serve();
    load::settle(again.address(), &place.key, &mut books);
    again.kill();
    all.push(books);
    if verify {
        place.agrees_with(all);
    }
}

fn report(kills: u64, books: &[Books], open: usize) {
    let acknowledged: usize = books.iter().map(|books| books.acknowledged.len()).sum();
    println!("{kills} kills, {acknowledged} requests acknowledged, {open} of them only when sent again");
    assert!(open as u64 >= kills / 2, "the kills hit nobody in the middle of a request");
}

#[test]
fn a_killed_server_keeps_what_it_acknowledged_exactly_once() {
    let kills = wanted("PERENNIAL_KILLS", KILLS);
    let (mut books, mut open) = (Vec::new(), 0);
    let rounds: Vec<u64> = (1..=kills).collect();
    for rounds in rounds.chunks(usize::try_from(KILLS_OF_A_DATABASE).unwrap()) {
        let (these, unheard) = kill_servers_of_one_database(rounds);
        books.extend(these);
        open += unheard;
    }
    report(kills, &books, open);
}

fn kill_servers_of_one_database(rounds: &[u64]) -> (Vec<Books>, usize) {
    let place = Place::sqlite();
    let (mut all, mut open) = (Vec::new(), 0);
    for &round in rounds {
        let server = place.serve();
        let address = server.address().to_owned();
        let books = load::work(&address, &place.key, round, cut(round), || server.kill());
        assert!(books.problems.is_empty(), "{:?}", books.problems);
        open += books.unheard.len();
        settle(&place, books, &mut all, round % VERIFY_EVERY == 0 || Some(&round) == rounds.last());
    }
    (all, open)
}

#[test]
fn a_database_killed_with_its_server_keeps_what_was_acknowledged_exactly_once() {
    let Some(postgres) = TemporaryPostgres::start().unwrap() else { return };
    let kills = wanted("PERENNIAL_KILLS_POSTGRESQL", KILLS_POSTGRESQL);
    let place = Place::at(postgres.url(&postgres.database().unwrap()).to_string());
    let (mut all, mut open) = (Vec::new(), 0);
    for round in 1..=kills {
        let server = place.serve();
        let address = server.address().to_owned();
        let books = load::work(&address, &place.key, round, cut(round), || {
            // Now the database first, now the server: neither may depend on the other's last words.
            if round % 2 == 0 {
                server.kill();
                postgres.crash().unwrap();
            } else {
                postgres.crash().unwrap();
                server.kill();
            }
        });
        open += books.unheard.len();
        postgres.restart().unwrap();
        settle(&place, books, &mut all, round % VERIFY_EVERY == 0 || round == kills);
    }
    report(kills, &all, open);
}
