//! A planted truth: people, some of whom enrolled again with the mistakes that people and clerks make, among families who
//! share a name, a mailbox and neighbouring telephone numbers, twins among them.

use domain::ids::AccountId;
use domain::member::{Identifier, IdentifierKind};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use stats::random::Random;
use store::PersonRecord;

use super::persons::{Intake, Persons};
use super::score::{StoredEvidence, millibits};
use super::search::Search;
use super::{LIKELY_PROBABILITY, QUEUE_PROBABILITY, millibits_of};

/// Surnames with their share among a thousand, the common ones as in the census of 2020.
const SURNAMES: [(&str, u64); 30] = [
    ("王", 72),
    ("李", 71),
    ("张", 68),
    ("刘", 54),
    ("陈", 47),
    ("杨", 32),
    ("黄", 23),
    ("赵", 21),
    ("吴", 20),
    ("周", 19),
    ("徐", 17),
    ("孙", 16),
    ("马", 14),
    ("朱", 13),
    ("胡", 12),
    ("郭", 12),
    ("何", 11),
    ("高", 10),
    ("林", 10),
    ("罗", 9),
    ("郑", 9),
    ("梁", 8),
    ("谢", 8),
    ("宋", 7),
    ("唐", 7),
    ("欧阳", 6),
    ("单", 5),
    ("曾", 5),
    ("叶", 5),
    ("苏", 5),
];
const FIRST: &str = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂文志建晓春海玉雪梅红国华林婷宇浩欣佳思子";
const SECOND: &str = "英华文明玲芳军平志红梅杰涛轩怡琪雯萱晨阳宁昊然博涵瑶颖琳";
const ENGLISH_FAMILY: [&str; 14] = [
    "Smith",
    "Jones",
    "Taylor",
    "Brown",
    "Williams",
    "Wilson",
    "Johnson",
    "Davies",
    "Patel",
    "Wright",
    "O'Neill",
    "Fernández",
    "Müller",
    "Lovelace",
];
const ENGLISH_GIVEN: [&str; 16] = [
    "James",
    "Mary",
    "Robert",
    "Patricia",
    "John",
    "Jennifer",
    "Michael",
    "Linda",
    "David",
    "Elizabeth",
    "José",
    "Susan",
    "Richard",
    "Jessica",
    "Ada",
    "Karen",
];
const HOSTS: [&str; 4] = ["qq.com", "gmail.com", "163.com", "example.org"];

/// A person of the truth.
#[derive(Clone)]
struct Human {
    family: String,
    given: String,
    english: bool,
    born_on: Date,
    phone: u64,
    mailbox: String,
    host: &'static str,
}

struct Planted {
    random: Random,
    records: Vec<PersonRecord>,
    /// Whom each record is of.
    truth: Vec<usize>,
    humans: usize,
}

impl Planted {
    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.random.below(bound as u64)).expect("small")
    }

    fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())]
    }

    fn letter(&mut self, letters: &str) -> char {
        let letters: Vec<char> = letters.chars().collect();
        self.pick(&letters)
    }

    fn given(&mut self, english: bool) -> String {
        if english {
            return self.pick(&ENGLISH_GIVEN).to_owned();
        }
        let first = self.letter(FIRST).to_string();
        if self.random.chance(0.3) { first } else { format!("{first}{}", self.letter(SECOND)) }
    }

    fn human(&mut self) -> Human {
        let english = self.random.chance(0.25);
        let family = if english {
            self.pick(&ENGLISH_FAMILY).to_owned()
        } else {
            let total: u64 = SURNAMES.iter().map(|(_, share)| share).sum();
            let mut at = self.random.below(total);
            let found = SURNAMES.iter().find(|(_, share)| {
                let here = at < *share;
                at = at.saturating_sub(*share);
                here
            });
            found.expect("below the total").0.to_owned()
        };
        let days = i64::try_from(self.random.below(20_000)).expect("small");
        Human {
            given: self.given(english),
            family,
            english,
            born_on: date(1950, 1, 1).checked_add(days.days()).expect("a day"),
            phone: 13_000_000_000 + self.random.below(9_000_000_000) % 900_000_000,
            mailbox: format!(
                "{}{}",
                self.pick(&["sun", "moon", "star", "cloud", "river"]),
                self.random.below(10_000_000)
            ),
            host: self.pick(&HOSTS),
        }
    }

    /// Records a human as they are told this time.
    fn record(&mut self, human: usize, told: &Human, phone: bool, mail: bool, turned: bool) {
        let name = match (told.english, turned) {
            (true, true) => format!("{}, {}", told.family.to_uppercase(), told.given),
            (true, false) => format!("{} {}", told.given, told.family),
            (false, true) => {
                let clean =
                    domain::cleanse::clean_name(&format!("{}{}", told.family, told.given)).expect("a name");
                format!("{} {}", clean.given, clean.family.to_uppercase())
            }
            (false, false) => format!("{}{}", told.family, told.given),
        };
        let born_on = (!self.random.chance(0.05)).then_some(told.born_on);
        let mut identifiers = Vec::new();
        let mut add = |kind, value: String| identifiers.push(Identifier { kind, value });
        if phone {
            add(IdentifierKind::Phone, format!("+86{}", told.phone));
        }
        if mail {
            add(IdentifierKind::Email, format!("{}@{}", told.mailbox, told.host));
        }
        let number = i64::try_from(self.records.len() + 1).expect("small");
        self.records.push(PersonRecord {
            account_id: AccountId::new(number).expect("a number"),
            name: Some(name),
            born_on,
            active: true,
            merged_into: None,
            identifiers,
        });
        self.truth.push(human);
    }

    fn enrol(&mut self, human: &Human) -> usize {
        let id = self.humans;
        self.humans += 1;
        let (phone, mail) = (self.random.chance(0.95), self.random.chance(0.6));
        self.record(id, human, phone, mail || !phone, false);
        id
    }

    /// The same human again, with mistakes: a digit of the number mistyped, a new number, the other script or order of the
    /// name, a character of the same sound, a mistyped letter, a wrong date, the same mailbox elsewhere.
    fn again(&mut self, id: usize, human: &Human) {
        let mut told = human.clone();
        match self.below(4) {
            0 => told.phone = self.mistyped(told.phone),
            1 | 2 => told.phone = 15_000_000_000 + self.random.below(900_000_000),
            _ => {}
        }
        // The same number belongs to one member only: who has it already comes without.
        let phone = told.phone != human.phone;
        match self.below(4) {
            0 => told.host = "outlook.com",
            1 => told.mailbox = format!("new{}", self.random.below(100_000_000)),
            2 => told.mailbox.push('1'),
            _ => {}
        }
        let mail = self.random.chance(0.6) && (told.mailbox != human.mailbox || told.host != human.host);
        if self.random.chance(0.1) {
            told.born_on = told.born_on.checked_add(self.pick(&[1_i64, 9, 10, 31]).days()).expect("a day");
        }
        if self.random.chance(0.08) {
            told.given = self.misheard(&told.given, told.english);
        }
        let turned = self.random.chance(0.25);
        self.record(id, &told, phone, mail, turned);
    }

    fn mistyped(&mut self, phone: u64) -> u64 {
        let place = 10_u64.pow(u32::try_from(self.below(9)).expect("small"));
        let digit = phone / place % 10;
        let other = (digit + 1 + self.random.below(9)) % 10;
        phone - digit * place + other * place
    }

    fn misheard(&mut self, given: &str, english: bool) -> String {
        if english {
            let mut letters: Vec<char> = given.chars().collect();
            let at = 1 + self.below(letters.len() - 1);
            letters.insert(at, letters[at]);
            return letters.into_iter().collect();
        }
        let swap = [
            ('伟', '玮'),
            ('芳', '方'),
            ('明', '名'),
            ('静', '靜'),
            ('丽', '莉'),
            ('文', '雯'),
            ('婷', '亭'),
        ];
        given.chars().map(|c| swap.iter().find(|(from, _)| *from == c).map_or(c, |(_, to)| *to)).collect()
    }

    /// A family: the same surname, neighbouring numbers, one mailbox at several hosts; sometimes twins, sometimes a child
    /// with a parent's name.
    fn family(&mut self) {
        let first = self.human();
        self.enrol(&first);
        let mut numbers = vec![first.phone];
        for member in 0..=self.below(3) {
            let mut other = self.human();
            other.family.clone_from(&first.family);
            (other.english, other.host) = (first.english, HOSTS[(member + 1) % HOSTS.len()]);
            other.given = self.given(first.english);
            if other.given == first.given {
                continue;
            }
            other.phone = first.phone - first.phone % 10 + self.random.below(10);
            if self.random.chance(0.5) {
                other.mailbox.clone_from(&first.mailbox);
            }
            match self.below(12) {
                0 | 1 => other.born_on = first.born_on,
                2 if first.english => other.given.clone_from(&first.given),
                _ => {}
            }
            if other.host == first.host && other.mailbox == first.mailbox || numbers.contains(&other.phone) {
                continue;
            }
            numbers.push(other.phone);
            self.enrol(&other);
        }
    }
}

fn planted(seed: u64, people: usize, families: usize) -> Planted {
    let mut planted =
        Planted { random: Random::new(seed), records: Vec::new(), truth: Vec::new(), humans: 0 };
    for _ in 0..people {
        let human = planted.human();
        let id = planted.enrol(&human);
        if planted.random.chance(0.1) {
            planted.again(id, &human);
        }
    }
    for _ in 0..families {
        planted.family();
    }
    planted
}

fn persons(records: &[PersonRecord]) -> Persons {
    let mut intake = Intake::default();
    for record in records {
        intake.add(record.clone()).expect("a person");
    }
    intake.finish().expect("persons")
}

/// Every pair the search keeps: positions and evidence.
fn found(records: &[PersonRecord]) -> Vec<(usize, usize, StoredEvidence)> {
    let (search, _) = Search::new(persons(records), None).expect("a search");
    let never = std::sync::atomic::AtomicBool::new(false);
    (0..super::rules::HELD.len())
        .flat_map(|rule| search.strongest(rule, &never).pairs)
        .map(|(left, right)| (left, right, search.scorer.evidence(left, right)))
        .collect()
}

struct Quality {
    true_pairs: usize,
    queued: usize,
    recall: f64,
    likely: usize,
    precision: f64,
    likely_recall: f64,
}

fn quality(planted: &Planted) -> Quality {
    let pairs = found(&planted.records);
    let same = |left: usize, right: usize| planted.truth[left] == planted.truth[right];
    let true_pairs = planted.records.len() - planted.humans;
    let of = |least: f64| {
        let kept = pairs.iter().filter(|(.., evidence)| millibits(evidence.weight()) >= millibits_of(least));
        let (mut all, mut right) = (0, 0);
        for (one, other, _) in kept {
            all += 1;
            right += usize::from(same(*one, *other));
        }
        (all, right)
    };
    let (queued, queued_right) = of(QUEUE_PROBABILITY);
    let (likely, likely_right) = of(LIKELY_PROBABILITY);
    let share = |part: usize, whole: usize| part as f64 / whole.max(1) as f64;
    Quality {
        true_pairs,
        queued,
        recall: share(queued_right, true_pairs),
        likely,
        precision: share(likely_right, likely),
        likely_recall: share(likely_right, true_pairs),
    }
}

#[test]
fn planted_duplicates_are_found_and_households_and_twins_are_left_alone() {
    for (seed, people, families) in [(1, 6_000, 1_500), (2, 20_000, 5_000), (3, 300, 80)] {
        let planted = planted(seed, people, families);
        let quality = quality(&planted);
        println!(
            "seed {seed}: {} records, {} true pairs, {} queued (recall {:.4}), {} likely (precision {:.4}, recall {:.4})",
            planted.records.len(),
            quality.true_pairs,
            quality.queued,
            quality.recall,
            quality.likely,
            quality.precision,
            quality.likely_recall,
        );
        assert!(quality.precision >= 0.98, "seed {seed}: precision {}", quality.precision);
        assert!(quality.recall >= 0.90, "seed {seed}: recall {}", quality.recall);
    }
}

/// So many members of one name, and nothing else known of them.
fn namesakes(count: usize, name: &str) -> Vec<PersonRecord> {
    let record = |number: usize| PersonRecord {
        account_id: AccountId::new(i64::try_from(number + 1).expect("small")).expect("a number"),
        name: Some(name.to_owned()),
        born_on: None,
        active: true,
        merged_into: None,
        identifiers: Vec::new(),
    };
    (0..count).map(record).collect()
}

#[test]
fn a_value_that_too_many_share_is_not_compared_and_the_loss_is_told() {
    let most = super::BLOCK_MEMBERS_MAX;
    for (members, blocks, pairs) in [(most, 0, 0), (most + 1, 1, 5_050)] {
        let (search, _) = Search::new(persons(&namesakes(members, "张伟")), None).expect("a search");
        assert_eq!((search.blocking.oversized(), search.blocking.pairs_left_out()), (blocks, pairs));
    }
}

#[test]
fn no_more_pairs_of_a_rule_are_kept_than_the_limit_and_those_are_the_most_probable() {
    let planted = planted(5, 600, 0);
    let (search, _) = Search::new(persons(&planted.records), None).expect("a search");
    let never = std::sync::atomic::AtomicBool::new(false);
    let whole = search.strongest_of(0, &never, usize::MAX);
    assert!(whole.pairs.len() > 20 && whole.over_limit == 0, "{}", whole.pairs.len());
    let some = search.strongest_of(0, &never, 10);
    assert_eq!((some.pairs.len(), some.over_limit), (10, whole.pairs.len() as u64 - 10));
    let weights = |pairs: &[(usize, usize)]| {
        let of = |pair: &(usize, usize)| millibits(search.scorer.evidence(pair.0, pair.1).weight());
        let mut weights: Vec<i64> = pairs.iter().map(of).collect();
        weights.sort_unstable_by(|one, other| other.cmp(one));
        weights
    };
    assert_eq!(weights(&some.pairs), weights(&whole.pairs)[..10]);
}

#[test]
fn what_is_kept_of_a_member_is_small() {
    assert!(size_of::<super::persons::Person>() <= 96, "{}", size_of::<super::persons::Person>());
}

#[test]
fn a_merged_record_is_compared_as_part_of_the_member_it_leads_to() {
    let mut records = namesakes(3, "李雷");
    let mobile = |number: &str| Identifier { kind: IdentifierKind::Phone, value: number.to_owned() };
    records[0].identifiers = vec![mobile("+8613800138000")];
    records[1].identifiers = vec![mobile("+8613900139000")];
    (records[1].active, records[1].merged_into) = (false, Some(records[0].account_id));
    (records[2].active, records[2].merged_into) = (false, Some(records[1].account_id));
    let found = persons(&records);
    assert_eq!(found.all.len(), 1);
    assert_eq!(*found.all[0].phones, [8_613_800_138_000, 8_613_900_139_000]);
    assert_eq!(found.survivor(records[2].account_id), records[0].account_id, "a chain is followed");
    let alone = persons(&records[..1]);
    assert_ne!(found.all[0].fingerprint, alone.all[0].fingerprint, "what came along counts as a change");
}
