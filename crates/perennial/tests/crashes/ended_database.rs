//! The database dies and comes back while the server lives: tills are told when to come back, and nothing is lost.

use operations::testing::TemporaryPostgres;

use crate::load;
use crate::place::Place;

/// Acknowledged requests before the database dies.
const BEFORE: usize = 40;

#[test]
fn a_server_whose_database_dies_says_so_and_recovers_with_it() {
    let Some(postgres) = TemporaryPostgres::start().unwrap() else { return };
    let place = Place::at(postgres.url(&postgres.database().unwrap()).to_string());
    let server = place.serve();
    // The tills go home once each of them has met a problem.
    let mut books = load::work(server.address(), &place.key, 1, BEFORE, || postgres.crash().unwrap());
    let mut after = load::work(server.address(), &place.key, 2, usize::MAX, || ());
    assert!(!after.problems.is_empty());
    for (status, problem) in books.problems.iter().chain(&after.problems) {
        assert_eq!(*status, 503, "{problem}");
        assert_eq!(problem["code"], "unavailable", "{problem}");
        let detail = problem["detail"].as_str().unwrap();
        assert!(
            !detail.contains("postgres") && !detail.contains(".s.PGSQL"),
            "an inner cause is sent: {detail}"
        );
    }
    assert_eq!(load::probe(server.address(), "/readyz"), Some(503));
    postgres.restart().unwrap();
    load::settle(server.address(), &place.key, &mut books);
    load::settle(server.address(), &place.key, &mut after);
    server.kill();
    place.agrees_with(&[books, after]);
}
