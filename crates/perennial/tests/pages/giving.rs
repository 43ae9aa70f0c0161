//! Giving points on the card: offered, confirmed, answered, each once however often it is clicked; what a stranger's
//! number tells, and what it does not.

use domain::ids::AccountId;
use jiff::ToSpan;
use operations::MemberReference;

use crate::{Browser, House, LEI, MEI, NOBODY, body, enrol, field, header, now, status};

/// Accounts and points need to be a day old.
const GIVING: &str = r#"
[transfers]
units = ["points"]
points_min = 50
sent_per_day_max = 600
received_per_day_max = 300
account_age_days_min = 1
points_age_days_min = 1
acceptance_days = 7
"#;

const YOUNG: &str = "+8613800138777";

impl House {
    /// Two days after the two members joined.
    async fn giving(name: &str) -> Self {
        let house = Self::open_with(name, true, GIVING).await;
        house.engine.clock().set(now().checked_add(48.hours()).unwrap());
        house
    }

    /// The page that confirms an offer.
    async fn confirmation(&self, browser: &mut Browser, to: &str, points: &str) -> String {
        let page = self.get(browser, "/card/transfers").await;
        let fields = format!("to={}&points={points}", to.replace('+', "%2B"));
        self.post(browser, "/card/transfers", &page, &fields).await
    }

    async fn offer(&self, browser: &mut Browser, to: &str, points: &str) -> String {
        let page = self.confirmation(browser, to, points).await;
        assert_eq!(status(&page), "200", "{page}");
        self.post(browser, "/card/transfers/offer", &page, &confirmed(&page)).await
    }

    async fn waiting(&self, member: AccountId) -> usize {
        self.engine.list_transfers(&MemberReference::Id(member)).await.unwrap().1.len()
    }
}

fn confirmed(page: &str) -> String {
    let fields = ["request", "to", "unit", "points"].map(|name| {
        format!(
            "{name}={}",
            field(page, name).replace("&#43;", "+").replace("&#x2b;", "+").replace('+', "%2B")
        )
    });
    fields.join("&")
}

fn answer(page: &str, action: &str) -> String {
    format!("transfer={}&request={}&action={action}", field(page, "transfer"), field(page, "request"))
}

#[tokio::test]
async fn points_are_offered_and_accepted_once_however_often_it_is_clicked() {
    let house = House::giving("gift").await;
    let (mut lei, mut mei) = (house.signed_in(LEI).await, house.signed_in(MEI).await);
    let (giver, receiver) = (house.member_id(LEI).await, house.member_id(MEI).await);
    let page = house.get(&mut lei, "/card/transfers").await;
    for told in ["up to 600 points today", "At least 50 at once, at most 600 a day", "at least 1 days"] {
        assert!(page.contains(told), "{told} is not on {page}");
    }
    let page = house.confirmation(&mut lei, MEI, "200").await;
    assert!(page.contains("Offer 200 points") && page.contains("7 days to accept"), "{page}");
    assert!(!page.contains("韩梅梅"), "whose number it is, is not told");
    assert_eq!(house.waiting(giver).await, 0, "nothing is offered before it is confirmed");
    let fields = confirmed(&page);
    let mut twin = Browser { cookies: lei.cookies.clone() };
    let (first, second) = tokio::join!(
        house.post(&mut lei, "/card/transfers/offer", &page, &fields),
        house.post(&mut twin, "/card/transfers/offer", &page, &fields),
    );
    for answer in [first, second] {
        assert_eq!(header(&answer, "location"), Some("/card/transfers?done=offered"), "{answer}");
    }
    assert_eq!((house.waiting(giver).await, house.available(LEI).await), (1, 5_000));
    let page = house.get(&mut lei, "/card/transfers").await;
    assert!(page.contains("Take back") && !page.contains("韩梅梅"), "{page}");

    let card = house.get(&mut mei, "/card").await;
    assert!(card.contains("Points are offered to you"), "{card}");
    let page = house.get(&mut mei, "/card/transfers").await;
    assert!(page.contains("From 李雷") && page.contains("200 points"), "{page}");
    let fields = answer(&page, "accept");
    let mut twin = Browser { cookies: mei.cookies.clone() };
    let (first, second) = tokio::join!(
        house.post(&mut mei, "/card/transfers/answer", &page, &fields),
        house.post(&mut twin, "/card/transfers/answer", &page, &fields),
    );
    for answer in [first, second] {
        assert_eq!(header(&answer, "location"), Some("/card/transfers?done=accepted"), "{answer}");
    }
    assert_eq!((house.available(LEI).await, house.available(MEI).await), (4_800, 1_200));
    assert_eq!(house.waiting(receiver).await, 0);
    let late = house.post(&mut mei, "/card/transfers/answer", &page, &answer(&page, "decline")).await;
    assert!(status(&late) == "422" || status(&late) == "409", "there is no way back: {late}");
    let history = house.get(&mut mei, "/card/history").await;
    assert!(history.contains("From another member: 200 points"), "{history}");
    let report = house.engine.verify(true, &mut |_| ()).await.unwrap();
    assert!(report.is_clean(), "{:#?}", report.differences);
    house.close().await;
}

#[tokio::test]
async fn offers_are_declined_and_taken_back_by_those_they_concern_alone() {
    let house = House::giving("answers").await;
    enrol(&house.engine, "路人", YOUNG, 100).await;
    let (mut lei, mut mei) = (house.signed_in(LEI).await, house.signed_in(MEI).await);
    let mut other = house.signed_in(YOUNG).await;
    let giver = house.member_id(LEI).await;
    house.offer(&mut lei, MEI, "100").await;
    let theirs = house.get(&mut mei, "/card/transfers").await;
    let elsewhere = house.get(&mut other, "/card/transfers").await;
    let transfer = field(&theirs, "transfer");
    for (action, expected) in [("accept", "422"), ("decline", "422"), ("withdraw", "404"), ("", "404")] {
        let fields = format!("transfer={transfer}&request={}&action={action}", "0".repeat(24));
        let stolen = house.post(&mut other, "/card/transfers/answer", &elsewhere, &fields).await;
        assert_eq!(status(&stolen), expected, "{action}: {stolen}");
    }
    // The receiver cannot take back in the giver's name, nor the giver accept in the receiver's.
    let taken = house.post(&mut mei, "/card/transfers/answer", &theirs, &answer(&theirs, "withdraw")).await;
    assert_eq!(status(&taken), "404");
    let own = house.get(&mut lei, "/card/transfers").await;
    let forced = house.post(&mut lei, "/card/transfers/answer", &own, &answer(&own, "accept")).await;
    assert_eq!((status(&forced), house.waiting(giver).await), ("422", 1));
    for fields in ["", "transfer=ent_0000000000001_1", "request=x&transfer=x&action=accept"] {
        let broken = house.post(&mut mei, "/card/transfers/answer", &theirs, fields).await;
        assert_eq!(status(&broken), "403", "“{fields}” is no answer");
    }
    let tampered = format!("csrf=wrong&{}", answer(&theirs, "accept"));
    let tampered = house.send(&mut mei, "POST /card/transfers/answer", "same-origin", &tampered).await;
    assert_eq!((status(&tampered), house.available(MEI).await), ("403", 1_000));

    let declined = house.post(&mut mei, "/card/transfers/answer", &theirs, &answer(&theirs, "decline")).await;
    assert_eq!(header(&declined, "location"), Some("/card/transfers?done=declined"));
    house.offer(&mut lei, MEI, "100").await;
    let own = house.get(&mut lei, "/card/transfers").await;
    for _ in 0..2 {
        let back = house.post(&mut lei, "/card/transfers/answer", &own, &answer(&own, "withdraw")).await;
        assert_eq!(header(&back, "location"), Some("/card/transfers?done=withdrawn"), "{back}");
    }
    assert_eq!((house.waiting(giver).await, house.available(LEI).await), (0, 5_000));
    // More than the receiver may get on a day: told to the receiver, and the offer goes on waiting.
    house.offer(&mut lei, MEI, "400").await;
    let page = house.get(&mut mei, "/card/transfers").await;
    let full = house.post(&mut mei, "/card/transfers/answer", &page, &answer(&page, "accept")).await;
    assert!(status(&full) == "422" && full.contains("Of 300 points a day, 300 are left"), "{full}");
    assert_eq!(house.waiting(giver).await, 1);
    house.close().await;
}

#[tokio::test]
async fn what_cannot_be_given_is_refused_with_its_reason() {
    let house = House::giving("reasons").await;
    let mut lei = house.signed_in(LEI).await;
    for (to, points, told) in [
        (MEI, "49", "At least 50 points"),
        (MEI, "601", "Of 600 points a day, 600 are left"),
        (MEI, "many", "a whole number of points"),
        (MEI, "-5", "a whole number of points"),
        ("not a number", "100", "This is no card number"),
    ] {
        let page = house.confirmation(&mut lei, to, points).await;
        assert!(status(&page) == "422" && page.contains(told), "{to} {points}: {page}");
        assert!(page.contains(&format!("value=\"{points}\"")), "what was typed is kept");
    }
    let own = house.offer(&mut lei, LEI, "100").await;
    assert!(own.contains("This is your own number"), "{own}");
    let mut mei = house.signed_in(MEI).await;
    house.engine.clock().set(now().checked_add(1.hour()).unwrap());
    let young = house.confirmation(&mut mei, LEI, "100").await;
    assert!(young.contains("Your account must be 1 days old"), "{young}");
    house.close().await;

    let off = House::open("gift-off", true).await;
    let mut lei = off.signed_in(LEI).await;
    let page = off.get(&mut lei, "/card/transfers").await;
    assert!(page.contains("Points cannot be given away here") && !page.contains("name=\"points\""), "{page}");
    assert!(!off.get(&mut lei, "/card/points").await.contains("/card/transfers"), "nothing leads there");
    off.close().await;
}

/// A number of nobody and one of somebody who cannot get points are answered alike, to the byte; what the giver is
/// refused for is refused before anybody is looked for; and tries are counted whoever has what was typed.
#[tokio::test]
async fn whether_somebody_is_a_member_costs_an_offer_to_learn() {
    let house = House::giving("enumerate").await;
    enrol(&house.engine, "新人", YOUNG, 100).await;
    let mut lei = house.signed_in(LEI).await;
    let mut seen = Vec::new();
    for to in [NOBODY, YOUNG] {
        let confirm = house.confirmation(&mut lei, to, "100").await;
        let small = house.confirmation(&mut lei, to, "10").await;
        let refused = house.offer(&mut lei, to, "100").await;
        assert!(refused.contains("nobody who can get points now has this number"), "{refused}");
        // The page of an offer that is too small, sent past its own check.
        let page = house.confirmation(&mut lei, to, "100").await;
        let fields = confirmed(&page).replace("points=100", "points=10");
        let forced = house.post(&mut lei, "/card/transfers/offer", &page, &fields).await;
        let plain = |answer: &str| {
            let text =
                answer.lines().filter(|line| !line.starts_with("date: ")).collect::<Vec<_>>().join("\n");
            let number = to.trim_start_matches('+');
            let drawn = answer.contains("name=\"request\"").then(|| field(answer, "request").to_owned());
            drawn.map_or(text.clone(), |drawn| text.replace(&drawn, "REQUEST")).replace(number, "NUMBER")
        };
        seen.push([confirm, small, refused, forced].map(|answer| plain(&answer)));
    }
    assert_eq!(seen[0], seen[1], "answers are equal to the byte, but for what was typed and drawn");
    let mut statuses = Vec::new();
    for _ in 0..9 {
        statuses.push(status(&house.offer(&mut lei, NOBODY, "100").await).to_owned());
    }
    assert_eq!(statuses[..8], ["422"; 8], "two of the ten were tried above");
    assert_eq!(statuses[8], "429");
    let member = house.offer(&mut lei, MEI, "100").await;
    assert_eq!(status(&member), "429", "members are not told apart by it either");
    assert!(body(&member).contains("Try again in an hour"), "{member}");
    house.engine.clock().set(now().checked_add(49.hours()).unwrap());
    assert_eq!(status(&house.offer(&mut lei, MEI, "100").await), "303");
    house.close().await;
}
