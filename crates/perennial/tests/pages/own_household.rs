//! The pool of a household on its members' cards: how much it has, who may spend it, with whom, what is still their own,
//! and rewards that it pays.

use domain::code::Code;
use domain::ids::AccountId;
use domain::operation::Adjustment;
use jiff::ToSpan;
use operations::{Command, MemberReference, Request};

use crate::{House, LEI, MEI, body, header, now, order, status};

const HOUSEHOLDS: &str = "\n[households]\nunits = [\"points\"]\n";

impl House {
    /// 李雷 and 韩梅梅 pool 6,000 points; 李雷 may spend them.
    async fn pooling(name: &str) -> (Self, AccountId) {
        let house = Self::open_with(name, true, HOUSEHOLDS).await;
        let opened = house.done(Command::CreateHousehold { name: "Chen".to_owned() }).await;
        for (phone, may_spend) in [(LEI, true), (MEI, false)] {
            let member = MemberReference::Id(house.member_id(phone).await);
            house.done(Command::JoinHousehold { household: opened, member, may_spend }).await;
        }
        (house, opened)
    }

    async fn done(&self, command: Command) -> AccountId {
        let reply = self.engine.carry_out(Request::new(command, "owner")).await.unwrap();
        reply.recorded().unwrap().entry.id.account_id
    }

    async fn in_pool(&self, household: AccountId) -> i64 {
        let found = self.engine.view_household(household).await.unwrap();
        found.balance(Code::constant("points")).map_or(0, |balance| balance.available)
    }
}

#[tokio::test]
async fn each_member_sees_the_pool_who_may_spend_it_and_first_names_only() {
    let (house, _) = House::pooling("pool").await;
    let (mut lei, mut mei) = (house.signed_in(LEI).await, house.signed_in(MEI).await);
    let spends = house.get(&mut lei, "/card").await;
    for told in ["Household Chen", "<b>6,000</b>", "You may spend these points.", "You share them with 梅梅."]
    {
        assert!(spends.contains(told), "{told}: {spends}");
    }
    let watches = house.get(&mut mei, "/card").await;
    for told in ["<b>6,000</b>", "You may not spend these points. 雷 may.", "You share them with 雷."] {
        assert!(watches.contains(told), "{told}: {watches}");
    }
    for secret in ["李雷", "13800138000", "138 0013"] {
        assert!(!body(&watches).contains(secret), "{secret}: {watches}");
    }
    for page in [&spends, &watches] {
        assert!(!page.contains("<b>0</b>"), "no bare nothing: {page}");
    }
    let ends = house.get(&mut mei, "/card/points").await;
    assert!(ends.contains("Household Chen") && ends.contains("6,000 points"), "{ends}");
    let told = house.get(&mut mei, "/card/history").await;
    assert!(told.contains("What you could spend is in the pool of your household now."), "{told}");
    assert!(told.contains("You may not spend from it."), "{told}");
    house.close().await;
}

#[tokio::test]
async fn what_comes_later_is_told_as_gone_to_the_pool_and_what_is_pending_as_the_members_own() {
    let (house, household) = House::pooling("pool-later").await;
    let adjustment = Adjustment {
        unit: Code::constant("points"),
        points: 70,
        reason: Code::constant("goodwill"),
        note: "sorry".to_owned(),
        occurred_at: now(),
        approved_by: None,
    };
    let member = MemberReference::Id(house.member_id(MEI).await);
    house.done(Command::AdjustPoints { member: member.clone(), adjustment }).await;
    assert_eq!(house.in_pool(household).await, 6_070);
    let purchase = serde_json::json!({
        "source": "till", "reference": "r1", "occurred_at": now(), "currency": "CNY",
        "lines": [{ "sku": "tea", "category": "tea", "amount": 20_000, "quantity_milli": 1_000 }],
    });
    let purchase = serde_json::from_value(purchase).unwrap();
    house.done(Command::RecordPurchase { member, enrol: false, purchase }).await;

    let mut mei = house.signed_in(MEI).await;
    let card = house.get(&mut mei, "/card").await;
    assert!(card.contains("Yours, and in the pool once they can be spent"), "{card}");
    let told = house.get(&mut mei, "/card/history").await;
    assert!(
        told.contains("Points pooled") && told.contains("They went to the pool of your household"),
        "{told}"
    );
    let ends = house.get(&mut mei, "/card/points").await;
    assert!(ends.contains("Yours until they can be spent"), "{ends}");

    // Time alone moves them on, whether or not anybody has posted it.
    let pending = house.in_pool(household).await;
    house.engine.clock().set(now().checked_add((24 * 30).hours()).unwrap());
    assert!(house.in_pool(household).await > pending);
    let mut mei = house.signed_in(MEI).await;
    let card = house.get(&mut mei, "/card").await;
    assert!(!card.contains("Yours, and in the pool once they can be spent"), "{card}");
    house.close().await;
}

#[tokio::test]
async fn the_pool_pays_rewards_for_whoever_may_spend_it_and_says_why_not_to_others() {
    let (house, household) = House::pooling("pool-rewards").await;
    let (mut lei, mut mei) = (house.signed_in(LEI).await, house.signed_in(MEI).await);
    let catalogue = house.get(&mut mei, "/card/rewards").await;
    assert!(catalogue.contains("Household Chen has 6,000 points"), "{catalogue}");
    assert!(catalogue.contains("and you may not spend them. Ask somebody who may."), "{catalogue}");
    let refused = house.get(&mut mei, "/card/rewards/tote_bag").await;
    assert!(!refused.contains("name=\"request\""), "what is refused has no button: {refused}");

    let page = house.get(&mut lei, "/card/rewards/tote_bag").await;
    let fields = order(&page);
    let mut places = Vec::new();
    for _ in 0..2 {
        let done = house.post(&mut lei, "/card/rewards/tote_bag", &page, &fields).await;
        places.push(header(&done, "location").unwrap().to_owned());
    }
    assert!(places[0].starts_with("/card/redemptions/household-") && places[0] == places[1], "{places:?}");
    let left = house.in_pool(household).await;
    assert!(left < 6_000, "{left}");
    let forged =
        house.post(&mut mei, "/card/rewards/tote_bag", &page, &fields.replace("request=", "request=0")).await;
    assert_ne!(status(&forged), "303", "{forged}");

    let place = places[0].split('?').next().unwrap();
    let seen = house.get(&mut mei, place).await;
    assert!(
        status(&seen) == "200" && !seen.contains("Take it back"),
        "whoever may not spend only looks: {seen}"
    );
    assert_eq!(status(&house.post(&mut mei, place, &seen, "x=1").await), "422");
    assert!(house.get(&mut mei, "/card/redemptions?of=household").await.contains(place), "listed for both");
    let own = house.get(&mut lei, place).await;
    let back = house.post(&mut lei, place, &own, "x=1").await;
    assert_eq!(header(&back, "location"), Some(&*format!("{place}?done=cancelled")), "{back}");
    assert_eq!(house.in_pool(household).await, 6_000);
    house.close().await;
}
