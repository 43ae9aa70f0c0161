//! The list of members: found by every kind of text, filtered, ordered, paged; alike on both engines.

use domain::member::{Identifier, IdentifierKind};
use store::{Changes, InSegment, MemberFilter, MemberSort, NewIdentifier};

use crate::engines::{Store, on_both};
use crate::samples::{account, at, code, everything, member};

/// 张伟 (7), 李娜 (8), Ada O'Neil (9), somebody without a name (10).
fn four_members(store: &mut Store) {
    let mut members = [member(7, "张伟"), member(8, "李娜"), member(9, "Ada O'Neil 100%"), member(10, "")];
    members[3].person.profile.name = None;
    members[3].person.search = String::new();
    for (place, member) in (0_i64..).zip(&mut members) {
        member.state.spend = [300, 100, 100, 200][usize::try_from(place).unwrap()];
        member.state.enrolled_at = at(&format!("2025-0{}-01T00:00:00Z", 9 - place));
        member.state.balances[0].available = place * 10;
    }
    members[1].state.last_purchase_at = None;
    members[2].state.tiers[0].tier = code("gold");
    members[2].person.profile.segments = vec![code("vip"), code("staff_a")];
    members[3].person.profile.segments = vec![code("staff-a")];
    let phone = Identifier { kind: IdentifierKind::Phone, value: "+8613800138000".to_owned() };
    let changes = Changes {
        new_identifiers: vec![NewIdentifier { identifier: phone, account_id: account(8) }],
        ..everything(&members)
    };
    store.save(&changes).unwrap();
    for member in &members {
        let new_identifiers = vec![member.identifier.clone()];
        store.save(&Changes { new_identifiers, ..Changes::default() }).unwrap();
    }
}

fn found(store: &Store, filter: &MemberFilter) -> Vec<i64> {
    let (members, count) = store.read(async |reader| {
        let members = reader.members(filter, MemberSort::EnrolledAt, true, None, 10).await?;
        Ok((members, reader.count_members(filter).await?))
    });
    assert_eq!(members.len(), usize::try_from(count).unwrap(), "{filter:?}");
    members.iter().map(|member| member.account_id.number()).collect()
}

#[test]
fn members_are_found_by_name_pinyin_and_identifier() {
    on_both(|store| {
        four_members(store);
        for (search, expected) in [
            ("张", vec![7]),
            ("zhangwei", vec![7]),
            ("zhang", vec![7]),
            ("ZW", vec![7]),
            ("ln", vec![8]),
            ("lina", vec![8]),
            (" ada o'n ", vec![9]),
            ("c9", vec![9]),
            ("C10", vec![10]),
            ("13800138", vec![8]),
            ("+86138", vec![8]),
            ("100%", vec![9]),
            ("%", vec![9]),
            ("_", vec![]),
            ("\\", vec![]),
            ("nobody", vec![]),
            ("", vec![7, 8, 9, 10]),
        ] {
            let filter = MemberFilter { search: Some(search.to_owned()), ..MemberFilter::default() };
            assert_eq!(found(store, &filter), expected, "{search}");
        }
    });
}

#[test]
fn filters_narrow_the_list() {
    on_both(|store| {
        four_members(store);
        let none = MemberFilter::default;
        let march = at("2025-03-02T02:00:00Z");
        for (filter, expected) in [
            (MemberFilter { tier: Some(code("gold")), ..none() }, vec![9]),
            (MemberFilter { points_min: Some(10), points_max: Some(20), ..none() }, vec![8, 9]),
            (MemberFilter { last_purchase_from: Some(march), ..none() }, vec![7, 9, 10]),
            (MemberFilter { last_purchase_before: Some(march), ..none() }, vec![8]),
            (MemberFilter { enrolled_from: Some(at("2025-08-01T00:00:00Z")), ..none() }, vec![7, 8]),
            (MemberFilter { enrolled_before: Some(at("2025-08-01T00:00:00Z")), ..none() }, vec![9, 10]),
            (MemberFilter { segment: Some(InSegment::by_profile(code("vip"))), ..none() }, vec![7, 8, 9]),
            (MemberFilter { segment: Some(InSegment::by_profile(code("staff_a"))), ..none() }, vec![9]),
            (MemberFilter { status: Some(domain::ledger::AccountStatus::Closed), ..none() }, vec![]),
            (MemberFilter { search: Some("c".to_owned()), tier: Some(code("gold")), ..none() }, vec![9]),
        ] {
            assert_eq!(found(store, &filter), expected, "{filter:?}");
        }
    });
}

#[test]
fn every_order_is_the_same_in_pages_as_at_once() {
    on_both(|store| {
        four_members(store);
        for (sort, ascending) in [
            (MemberSort::Name, [10, 9, 7, 8]),
            (MemberSort::Points, [7, 8, 9, 10]),
            (MemberSort::Spend, [8, 9, 10, 7]),
            (MemberSort::LastPurchaseAt, [8, 7, 9, 10]),
            (MemberSort::EnrolledAt, [10, 9, 8, 7]),
        ] {
            for descending in [false, true] {
                let mut expected = ascending.to_vec();
                if descending {
                    expected.reverse();
                }
                for limit in [1, 3, 4] {
                    assert_eq!(in_pages(store, sort, descending, limit), expected, "{sort:?} by {limit}");
                }
            }
        }
    });
}

fn in_pages(store: &Store, sort: MemberSort, descending: bool, limit: u32) -> Vec<i64> {
    let mut all = Vec::new();
    let mut after = None;
    loop {
        let filter = MemberFilter::default();
        let page =
            store.read(async |reader| reader.members(&filter, sort, descending, after.as_ref(), limit).await);
        let Some(last) = page.last() else { return all };
        after = Some(last.cursor(sort));
        all.extend(page.iter().map(|member| member.account_id.number()));
    }
}

#[test]
fn a_line_shows_what_the_account_holds() {
    on_both(|store| {
        four_members(store);
        let filter = MemberFilter { search: Some("ada".to_owned()), ..MemberFilter::default() };
        let line = store
            .read(async |reader| reader.members(&filter, MemberSort::Name, false, None, 1).await)
            .remove(0);
        assert_eq!(line.name.as_deref(), Some("Ada O'Neil 100%"));
        assert_eq!((line.tier, line.points, line.pending, line.spend), (Some(code("gold")), 20, 120, 100));
        assert_eq!((line.purchase_count, line.last_purchase_at), (1, Some(at("2025-03-02T02:00:00Z"))));
        assert_eq!(line.segments, vec![code("vip"), code("staff_a")]);
    });
}
