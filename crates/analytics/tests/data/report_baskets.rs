//! Clubs and basket DNA on baskets that can be counted by hand, on baskets with planted tastes, and on real ones.

use analytics::lake::{DocumentOwner, SessionOptions};
use analytics::report::{ClubMember, ReportName, ReportRequest, Value, club_members};
use domain::document::PurchaseLine;
use jiff::civil::date;
use stats::random::Random;

use crate::report_support::{self, Given, column, figure, imported, integers, note, sale, texts, written};

/// A purchase: member, day, and lines of product, category and fen.
type Basket = (i64, String, Vec<(String, String, i64)>);

fn basket(member: i64, day: &str, lines: &[(&str, &str, i64)]) -> Basket {
    let line =
        |(sku, category, amount): &(&str, &str, i64)| ((*sku).to_owned(), (*category).to_owned(), *amount);
    (member, day.to_owned(), lines.iter().map(line).collect())
}

async fn given(baskets: Vec<Basket>) -> Given {
    written(|writer| {
        for (number, (member_id, day, lines)) in baskets.into_iter().enumerate() {
            let line = |(sku, category, amount): (String, String, i64)| PurchaseLine {
                sku,
                category,
                amount,
                ..PurchaseLine::default()
            };
            let purchase = sale(number, &day, lines.into_iter().map(line).collect());
            writer.add_purchase(DocumentOwner { member_id, entry_no: Some(1) }, &purchase).unwrap();
        }
    })
    .await
}

fn numbers(values: &[Value]) -> Vec<f64> {
    values.iter().map(|value| value.as_number().unwrap_or(f64::NAN)).collect()
}

fn close(found: f64, expected: f64, what: &str) {
    report_support::close(found, expected, 1e-9, what);
}

/// Ten members buy once a month from January to June. The first two buy 60 of nappies, 20 of milk powder and 20 of
/// bread, the third 50 of wine and 50 of bread, the fourth wine twice only, the others 100 of bread.
async fn ten_members() -> Given {
    let mut baskets = Vec::new();
    for month in 1..=6 {
        let day = format!("2026-0{month}-10");
        for member in 1..=2 {
            let lines = [("n", "nappies", 6_000), ("m", "milk's powder", 2_000), ("b", "bread", 2_000)];
            baskets.push(basket(member, &day, &lines));
        }
        baskets.push(basket(3, &day, &[("w", "wine", 5_000), ("b", "bread", 5_000)]));
        let of_four = if month <= 2 { ("w", "wine", 10_000) } else { ("b", "bread", 10_000) };
        baskets.push(basket(4, &day, &[of_four]));
        (5..=10).for_each(|member| baskets.push(basket(member, &day, &[("b", "bread", 10_000)])));
    }
    given(baskets).await
}

#[tokio::test]
async fn members_are_in_the_clubs_of_what_they_favour() {
    let report = ten_members().await.answer(ReportName::Clubs).await;
    assert_eq!((report.members, report.period.from), (10, date(2026, 1, 10)));
    // Nobody gives bread half as much again as all do: seven of ten buy nothing else.
    assert_eq!(column(&report, "clubs", "club"), texts(&["nappies + milk's powder", "wine"]));
    assert_eq!(note(&report, "categories-in-no-club"), 1);
    // The fourth bought wine twice: too few.
    assert_eq!(column(&report, "clubs", "members"), integers(&[2, 1]));
    assert_eq!(column(&report, "clubs", "amount"), integers(&[120_000, 60_000]));
    close(figure(&report, "in-a-club"), 0.3, "three of ten");
    close(figure(&report, "clubs-per-member"), 1.0, "one club each");
    // Nappies and milk powder are 960 of 6,000 sold, and 80 of 100 that the club's members spend; wine is 500 and 50.
    let distinct = numbers(&column(&report, "clubs", "distinctiveness"));
    close(distinct[0], 100.0 * 0.8 / (96_000.0 / 600_000.0), "distinctiveness");
    close(distinct[1], 100.0 * 0.5 / (50_000.0 / 600_000.0), "distinctiveness of wine");
    // Why: 60 of 100 against 720 of 6,000, 20 of 100 against 240.
    assert_eq!(column(&report, "club-categories", "category"), texts(&["nappies", "milk's powder", "wine"]));
    for (found, expected) in
        numbers(&column(&report, "club-categories", "index")).iter().zip([500.0, 500.0, 600.0])
    {
        close(*found, expected, "index");
    }
    // Nobody is in both; from one month to the next, and between the halves, all stay.
    assert_eq!(column(&report, "club-overlaps", "members"), integers(&[0, 0]));
    assert_eq!(column(&report, "clubs-per-member", "members"), integers(&[7, 3]));
    for name in ["clubs-kept-month", "clubs-kept-halves"] {
        close(figure(&report, name), 1.0, name);
    }
}

#[tokio::test]
async fn who_is_in_a_club_is_listed_with_what_put_them_there_and_a_manager_may_name_it() {
    let given = ten_members().await;
    let listed = async |clubs: Option<&str>| {
        let request = ReportRequest { clubs: clubs.map(str::to_owned), ..ReportRequest::default() };
        let found = club_members(given.lake(), &request, &SessionOptions::default()).await.unwrap();
        let row = |one: ClubMember| (one.member, one.club, one.index.round(), one.purchases);
        found.members.into_iter().map(row).collect::<Vec<_>>()
    };
    let proposed = listed(None).await;
    let clubs: Vec<&str> = proposed.iter().map(|(_, club, ..)| club.as_str()).collect();
    assert_eq!(clubs, ["nappies + milk's powder", "nappies + milk's powder", "wine"]);
    // Wine is 500 of the 6,000 sold, and half of what its member spends.
    close(proposed[2].2, 600.0, "index of wine");

    // The same categories under a name of their own have the same members; another rule has others.
    let own = "[[club]]\nname = \"young-parents\"\ncategories = [\"nappies\", \"milk's powder\"]\n";
    let named = listed(Some(own)).await;
    assert_eq!(named.len(), 2);
    for (one, other) in named.iter().zip(&proposed) {
        assert_eq!((&one.0, one.1.as_str(), one.2, one.3), (&other.0, "young-parents", other.2, other.3));
    }
    let request = ReportRequest { clubs: Some(own.to_owned()), ..ReportRequest::default() };
    let report = given.report(ReportName::Clubs, &request).await.unwrap();
    assert_eq!(column(&report, "clubs", "club"), texts(&["young-parents"]));
    assert_eq!(column(&report, "clubs", "members"), integers(&[2]));
    let unknown =
        ReportRequest { clubs: Some(own.replace("nappies", "diapers")), ..ReportRequest::default() };
    let error = given.report(ReportName::Clubs, &unknown).await.unwrap_err().to_string();
    assert!(error.contains("“diapers”"), "{error}");
}

#[tokio::test]
async fn a_member_can_be_in_several_clubs_and_leave_them() {
    // Of sixteen members four favour tea, four wine, and the first both, but wine only until March.
    let mut baskets = Vec::new();
    for month in 1..=6 {
        let day = format!("2026-0{month}-10");
        let (tea, wine, bread) = (("t", "tea", 4_000), ("w", "wine", 5_000), ("b", "bread", 5_000));
        let rest = if month <= 3 { ("w", "wine", 6_000) } else { ("b", "bread", 6_000) };
        baskets.push(basket(1, &day, &[tea, rest]));
        (2..=4).for_each(|member| baskets.push(basket(member, &day, &[tea, ("b", "bread", 6_000)])));
        (5..=7).for_each(|member| baskets.push(basket(member, &day, &[wine, bread])));
        (8..=16).for_each(|member| baskets.push(basket(member, &day, &[("b", "bread", 10_000)])));
    }
    let report = given(baskets).await.answer(ReportName::Clubs).await;
    // One of sixteen favours both, as many as by chance: they are two clubs.
    assert_eq!(column(&report, "clubs", "club"), texts(&["wine", "tea"]));
    assert_eq!(column(&report, "clubs", "members"), integers(&[4, 4]));
    assert_eq!(numbers(&column(&report, "clubs", "only_here")), [0.75, 0.75]);
    assert_eq!(column(&report, "club-overlaps", "members"), integers(&[1, 1]));
    assert_eq!(numbers(&column(&report, "club-overlaps", "overlap_lift")), [1.0, 1.0]);
    assert_eq!(column(&report, "clubs-per-member", "members"), integers(&[9, 6, 1]));
    close(figure(&report, "clubs-per-member"), 8.0 / 7.0, "eight places of seven members");
    // The first is in the wine club from January to May and in the first half, not from February to June nor in the second.
    for (cells, pair) in [("kept_month", "clubs-kept-month"), ("kept_halves", "clubs-kept-halves")] {
        assert_eq!(numbers(&column(&report, "clubs", cells)), [0.75, 1.0]);
        close(figure(&report, pair), 7.0 / 8.0, pair);
    }
}

#[tokio::test]
async fn too_short_a_period_says_that_nobody_knows_how_clubs_last() {
    let baskets = (1..=20).flat_map(|day| {
        let day = format!("2026-01-{day:02}");
        [basket(1, &day, &[("t", "tea", 100)]), basket(2, &day, &[("b", "bread", 100)])]
    });
    let report = given(baskets.collect()).await.answer(ReportName::Clubs).await;
    assert_eq!(note(&report, "too-short-for-clubs-to-last"), 1);
    assert!(report.figure("clubs-kept-month").is_none());
    // Each favours one of two categories of equal sales: index 200.
    assert_eq!(numbers(&column(&report, "clubs", "distinctiveness")), [200.0, 200.0]);
}

#[tokio::test]
async fn questions_without_what_they_need_say_so() {
    let bare = given(vec![basket(1, "2026-01-10", &[("", "", 100)])]).await;
    let error =
        bare.report(ReportName::Clubs, &ReportRequest::default()).await.expect_err("no category").to_string();
    assert!(error.starts_with("no line of these purchases has a category"), "{error}");
    let error = bare
        .report(ReportName::BasketDna, &ReportRequest::default())
        .await
        .expect_err("no product")
        .to_string();
    assert!(error.starts_with("no product was in enough baskets"), "{error}");
    let one = given(vec![basket(1, "2026-01-10", &[("t", "tea", 100)])]).await;
    let error =
        one.report(ReportName::Clubs, &ReportRequest::default()).await.expect_err("no club").to_string();
    assert!(error.starts_with("no category is favoured"), "{error}");
}

/// Six tastes of twenty products each; a member buys four of one taste and two of any, with bread, eight times. Two of the
/// products of each taste carry another category's name.
async fn six_tastes() -> Given {
    let mut random = Random::new(7);
    let mut draw = |bound: u64| i64::try_from(random.below(bound)).unwrap();
    let mut baskets = Vec::new();
    for member in 0..120_i64 {
        for month in 1..=8 {
            let own: Vec<i64> = (0..4).map(|_| member % 6 * 20 + draw(20)).collect();
            let products = own.into_iter().chain([draw(120), draw(120)]);
            let line = |product: i64| {
                let taste = if product % 20 < 2 { (product / 20 + 1) % 6 } else { product / 20 };
                (format!("p{product:03}"), format!("taste {taste}"), 1_000)
            };
            let bread = ("bread".to_owned(), "bread".to_owned(), 1_000);
            let lines = products.map(line).chain([bread]).collect();
            baskets.push((member + 1, format!("2026-0{month}-10"), lines));
        }
    }
    given(baskets).await
}

#[tokio::test]
async fn planted_tastes_are_found_in_baskets() {
    let given = six_tastes().await;
    let report = given.answer(ReportName::BasketDna).await;
    assert_eq!(report.members, 120);
    // Bread is in every basket, and so says nothing.
    assert_eq!(note(&report, "staples-left-out"), 1);
    assert_eq!((figure(&report, "products-scored"), figure(&report, "dimensions")), (120.0, 6.0));
    // Products with a hidden label: nine of ten are labelled right, so that at most those are found again.
    assert!(figure(&report, "labels-found") > 0.8, "{:?}", report.figure("labels-found"));
    // Members: six segments of twenty, the same ones under another seed and in both halves.
    assert_eq!(column(&report, "preference-segments", "members"), integers(&[20; 6]));
    close(figure(&report, "segments-agree"), 1.0, "seeds");
    assert!(figure(&report, "segments-kept-halves") > 0.95);
    // The products of a taste stand for it, whatever they are called: at least nine of ten.
    let products = column(&report, "product-map", "product");
    let right =
        products.iter().zip(column(&report, "product-map", "dimension")).filter(|(product, dimension)| {
            let number: usize = product.as_text().unwrap()[1..].parse().unwrap();
            dimension.as_text() == Some(&format!("taste {}", number / 20))
        });
    let right = right.count();
    assert!(right * 10 >= products.len() * 9, "{right} of {}", products.len());
    // Every product is explained by up to three seeds, whose parts are within its score.
    let parts = numbers(&column(&report, "score-sources", "part_of_score"));
    assert!(parts.len() >= products.len() && parts.iter().all(|part| *part > 0.0 && *part <= 1.0 + 1e-6));
    let again = given.answer(ReportName::BasketDna).await;
    assert_eq!(report.tables, again.tables, "the same lake gives the same answer");
}

// ---- real data ----------------------------------------------------------------------------------------------------

#[tokio::test]
async fn a_grocers_customers_form_clubs_and_preferences() {
    let Some(given) = imported("completejourney").await else { return };
    let year = ReportRequest {
        from: Some(date(2017, 1, 1)),
        to: Some(date(2018, 1, 1)),
        ..ReportRequest::default()
    };
    let report = given.report(ReportName::Clubs, &year).await.unwrap();
    let members = numbers(&column(&report, "clubs", "members"));
    assert!((5..=13).contains(&members.len()), "{members:?}");
    assert!(report.figure("clubs-kept-month").unwrap().interval.is_some());
    let indices = numbers(&column(&report, "club-categories", "index"));
    // A club favours its categories together; now and then one of them is not favoured by itself.
    let favoured = indices.iter().filter(|index| **index > 100.0).count();
    assert!(favoured * 10 >= indices.len() * 9, "{favoured} of {}: {indices:?}", indices.len());
    let report = given.report(ReportName::BasketDna, &year).await.unwrap();
    close(figure(&report, "dimensions"), 50.0, "dimensions");
    assert_eq!(column(&report, "preference-segments", "segment").len(), 6);
    // The lines are a sample, so that hardly two products share baskets: hidden labels cannot come back, and it is said.
    let found = report.figure("labels-found").unwrap();
    assert!(found.cases > 100 && found.interval.is_some(), "{found:?}");
}
