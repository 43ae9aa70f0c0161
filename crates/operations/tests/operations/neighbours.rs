//! Commands that share a batch do not suffer for each other: what one of them cannot have saved is refused to that one
//! alone, on both databases.

use crate::support::{Kind, enrol, everything, member, place, purchase, request, shop, start};
use domain::member::{Identifier, IdentifierKind, Profile};
use operations::{Answer, Command, Engine, OperationError, Reply, Request};
use store::Faults;

fn rename(name: &str, to: &str, version: i64) -> Request {
    let profile = Profile { name: Some(to.to_owned()), ..Profile::default() };
    let fields = vec!["name".to_owned()];
    request(Command::UpdateMember { member: member(name), profile, fields, expected_version: Some(version) })
}

fn enrol_as(name: &str, called: &str) -> Request {
    let identifier = Identifier::new(IdentifierKind::External, name, None).expect("an identifier");
    let profile = Profile { name: Some(called.to_owned()), ..Profile::default() };
    request(Command::EnrolMember { identifiers: vec![identifier], profile, enrolled_at: None })
}

fn buy(name: &str, reference: &str) -> Request {
    request(purchase(name, reference, None, start(), &[500]))
}

fn refused(reply: &Reply) -> &'static str {
    match reply {
        Err(OperationError::Refused(refusal)) => refusal.code(),
        other => panic!("expected a refusal, got {other:?}"),
    }
}

fn recorded(reply: &Reply) {
    assert!(matches!(reply, Ok(Answer::Recorded(_))), "{reply:?}");
}

async fn shop_on(kind: Kind) -> Option<(crate::support::Place, Engine)> {
    let place = place(kind)?;
    let engine = shop(&place.url, Faults::default()).await;
    recorded(&engine.carry_out(request(enrol("ada"))).await);
    Some((place, engine))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_second_of_two_edits_of_one_version_is_refused_and_nobody_else() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let Some((_place, engine)) = shop_on(kind).await else { continue };
        let batch =
            vec![buy("ben", "R1"), rename("ada", "Ada", 1), buy("cleo", "R2"), rename("ada", "Adah", 1)];
        let replies = engine.submit(batch).await.expect("answers");
        replies[..3].iter().for_each(recorded);
        assert!(matches!(replies[3], Err(OperationError::Changed)), "{:?}", replies[3]);
        let view = engine.view_member(&member("ada")).await.expect("a member");
        assert_eq!((view.profile.name.as_deref(), view.version), (Some("Ada"), 2));
        everything(&engine, "ada").await;
        engine.shut_down().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn text_that_no_database_keeps_is_refused_by_name_and_to_nobody_else() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let Some((_place, engine)) = shop_on(kind).await else { continue };
        let unpronounceable: String = (0..5_000_u32).filter_map(|n| char::from_u32(0x4e00 + n)).collect();
        let batch = vec![
            buy("ben", "R1"),
            enrol_as("n1", "a\0b"),
            enrol_as("n2", &unpronounceable),
            buy("ben", "R\0"),
            buy("cleo", "R2"),
            buy("ben", "R3").with_key(Some("a\0b".to_owned())),
        ];
        let replies = engine.submit(batch).await.expect("answers");
        recorded(&replies[0]);
        recorded(&replies[4]);
        for bad in [1, 2, 3, 5] {
            assert_eq!(refused(&replies[bad]), "field_invalid", "{kind:?} {bad}");
        }
        engine.shut_down().await;
    }
}
