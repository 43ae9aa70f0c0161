//! Households the slow, obvious way: every point is a line in one list that says where it is and who brought it there;
//! every question goes through the whole list.

use domain::document::DocumentKey;
use domain::ids::EntryId;
use jiff::Timestamp;

/// Some points of one entry in one place.
#[derive(Debug, Clone)]
pub struct Point {
    owner: usize,
    entry: EntryId,
    earned_at: Timestamp,
    until: Option<Timestamp>,
    end: Option<Timestamp>,
    points: i64,
    /// When it came where it is, as a number: what came earlier is spent first among equals.
    came: u64,
    /// Which member brought it into the household it is in.
    brought: Option<usize>,
}

/// A hold of a household.
#[derive(Debug, Clone)]
pub struct Held {
    pub key: DocumentKey,
    pub ends_at: Timestamp,
    pub points: Vec<Point>,
}

/// Earned, pending until, end.
pub type Terms = (Timestamp, Option<Timestamp>, Option<Timestamp>);

/// All points of all accounts: members first, then households.
pub struct Model {
    points: Vec<Point>,
    debts: Vec<i64>,
    holds: Vec<Vec<Held>>,
    /// Lapsed points by account and the entry that had issued them.
    lapsed: Vec<(usize, EntryId, i64)>,
    /// Member, household, whether they may spend.
    belongs: Vec<(usize, usize, bool)>,
    came: u64,
}

impl Model {
    pub fn new(members: usize, homes: usize) -> Self {
        let accounts = members + homes;
        Self {
            points: Vec::new(),
            debts: vec![0; accounts],
            holds: vec![Vec::new(); accounts],
            lapsed: Vec::new(),
            belongs: Vec::new(),
            came: 0,
        }
    }

    /// Available, pending, held, owed.
    pub fn balance(&self, who: usize) -> (i64, i64, i64, i64) {
        let sum = |pending: bool| -> i64 {
            let theirs = self.points.iter().filter(|point| point.owner == who);
            theirs.filter(|point| point.until.is_some() == pending).map(|point| point.points).sum()
        };
        let held = self.holds[who].iter().flat_map(|hold| &hold.points).map(|point| point.points).sum();
        (sum(false), sum(true), held, self.debts[who])
    }

    pub fn household_of(&self, who: usize) -> Option<usize> {
        self.belongs.iter().find(|(member, ..)| *member == who).map(|(_, home, _)| *home)
    }

    pub fn members(&self, home: usize) -> Vec<(usize, bool)> {
        let theirs = self.belongs.iter().filter(|(_, place, _)| *place == home);
        theirs.map(|(member, _, may_spend)| (*member, *may_spend)).collect()
    }

    pub fn may_spend(&self, who: usize, home: usize) -> bool {
        self.belongs.contains(&(who, home, true))
    }

    pub fn is_held(&self, home: usize) -> bool {
        !self.holds[home].is_empty()
    }

    pub fn is_open(&self, home: usize, key: &DocumentKey) -> bool {
        self.holds[home].iter().any(|hold| hold.key == *key)
    }

    /// Everything due by then happens to an account; what a member can spend goes on, once time has passed there, too.
    pub fn pass(&mut self, who: usize, now: Timestamp) {
        self.due(who, now);
        if let Some(home) = self.household_of(who) {
            self.due(home, now);
        }
        self.forward(who, None);
    }

    /// What is due by then, in the order of time.
    fn due(&mut self, who: usize, now: Timestamp) {
        while let Some(at) = self.next(who).filter(|at| *at <= now) {
            for point in self.points.iter_mut().filter(|point| point.owner == who) {
                if point.until.is_some_and(|until| until <= at) {
                    point.until = None;
                }
            }
            self.repay(who);
            let ended = |point: &Point| point.owner == who && point.end.is_some_and(|end| end <= at);
            for point in self.points.iter().filter(|point| ended(point)) {
                self.lapsed.push((who, point.entry, point.points));
            }
            self.points.retain(|point| !ended(point));
            while let Some(position) = self.holds[who].iter().position(|hold| hold.ends_at <= at) {
                let hold = self.holds[who].remove(position);
                self.give_back(who, hold.points, at);
            }
        }
    }

    fn next(&self, who: usize) -> Option<Timestamp> {
        let theirs = self.points.iter().filter(|point| point.owner == who);
        let points = theirs.flat_map(|point| [point.until, point.end]).flatten();
        points.chain(self.holds[who].iter().map(|hold| hold.ends_at)).min()
    }

    pub fn earn(&mut self, who: usize, entry: EntryId, (earned_at, until, end): Terms, points: i64) {
        let came = self.number();
        self.points.push(Point { owner: who, entry, earned_at, until, end, points, came, brought: None });
        self.repay(who);
        self.forward(who, None);
    }

    pub fn adjust(&mut self, who: usize, entry: EntryId, terms: Terms, points: i64) {
        if points > 0 {
            self.earn(who, entry, terms, points);
        } else {
            self.take(who, -points);
        }
    }

    pub fn join(&mut self, who: usize, home: usize, may_spend: bool) {
        self.belongs.push((who, home, may_spend));
        self.forward(who, None);
    }

    pub fn change(&mut self, who: usize, home: usize, may_spend: bool) {
        let theirs = self.belongs.iter_mut().filter(|(member, place, _)| (*member, *place) == (who, home));
        theirs.for_each(|one| one.2 = may_spend);
    }

    /// Who leaves takes what they brought, the last one everything; returns how many points.
    pub fn leave(&mut self, who: usize, home: usize) -> i64 {
        let last = self.members(home).len() == 1;
        self.belongs.retain(|(member, ..)| *member != who);
        let share = self.remove(|point| point.owner == home && (last || point.brought == Some(who)));
        let points = share.iter().map(|point| point.points).sum();
        self.arrive(share, who, None);
        if last {
            self.debts[who] += std::mem::take(&mut self.debts[home]);
        }
        self.repay(who);
        points
    }

    pub fn hold(&mut self, home: usize, hold: Held, points: i64) {
        let points = self.take(home, points);
        self.holds[home].push(Held { points, ..hold });
    }

    pub fn end(&mut self, home: usize, key: &DocumentKey, spent: bool, now: Timestamp) {
        let position = self.holds[home].iter().position(|hold| hold.key == *key).expect("open");
        let hold = self.holds[home].remove(position);
        if !spent {
            self.give_back(home, hold.points, now);
        }
    }

    /// A return takes its own points where they were bought, then what lapsed counts, then other points there, then
    /// those of the household; the rest is owed. Returns what went beyond the account.
    pub fn take_back(&mut self, who: usize, entry: EntryId, due: i64) -> i64 {
        let mut left = due - self.take_from(who, entry, due);
        let lapsed = self.lapsed.iter().filter(|(owner, of, _)| *owner == who && *of == entry);
        left -= lapsed.map(|(.., points)| *points).sum::<i64>().min(left);
        left -= self.take(who, left).iter().map(|point| point.points).sum::<i64>();
        self.debts[who] += left;
        self.forward(who, Some(entry));
        left
    }

    /// What a member can spend or owes goes to their household; of `entry`, what is left there pays first.
    fn forward(&mut self, who: usize, entry: Option<EntryId>) {
        let Some(home) = self.household_of(who) else { return };
        let spendable = self.remove(|point| point.owner == who && point.until.is_none());
        self.arrive(spendable, home, Some(who));
        let owed = std::mem::take(&mut self.debts[who]);
        self.debts[home] += owed;
        if let Some(entry) = entry {
            let paid = self.take_from(home, entry, owed);
            self.debts[home] -= paid;
        }
        self.repay(home);
    }

    fn repay(&mut self, who: usize) {
        let paid: i64 = self.take(who, self.debts[who]).iter().map(|point| point.points).sum();
        self.debts[who] -= paid;
    }

    fn give_back(&mut self, who: usize, points: Vec<Point>, at: Timestamp) {
        for point in points {
            if point.end.is_some_and(|end| end <= at) {
                self.lapsed.push((who, point.entry, point.points));
            } else {
                self.points.push(point);
            }
        }
        self.repay(who);
    }

    /// Takes up to so many spendable points: soonest end first, then earliest earned, then as they came.
    fn take(&mut self, who: usize, points: i64) -> Vec<Point> {
        let spendable = self.remove(|point| point.owner == who && point.until.is_none());
        let mut taken = Vec::new();
        let mut left = points;
        for mut point in spendable {
            let part = point.points.min(left);
            if part > 0 {
                taken.push(Point { points: part, ..point.clone() });
            }
            left -= part;
            point.points -= part;
            if point.points > 0 {
                self.points.push(point);
            }
        }
        taken
    }

    /// Takes up to so many points of an entry, pending or not, as they came; returns how many.
    fn take_from(&mut self, who: usize, entry: EntryId, points: i64) -> i64 {
        let mut theirs = self.remove(|point| point.owner == who && point.entry == entry);
        theirs.sort_by_key(|point| point.came);
        let mut left = points;
        for mut point in theirs {
            let part = point.points.min(left);
            left -= part;
            point.points -= part;
            if point.points > 0 {
                self.points.push(point);
            }
        }
        points - left
    }

    /// Takes lines out of the list, in the order in which they are spent.
    fn remove(&mut self, which: impl Fn(&Point) -> bool) -> Vec<Point> {
        let (mut out, stay): (Vec<_>, Vec<_>) = self.points.drain(..).partition(|point| which(point));
        self.points = stay;
        out.sort_by_key(|point| (point.end.unwrap_or(Timestamp::MAX), point.earned_at, point.came));
        out
    }

    fn arrive(&mut self, points: Vec<Point>, owner: usize, brought: Option<usize>) {
        for point in points {
            let came = self.number();
            self.points.push(Point { owner, came, brought, ..point });
        }
    }

    fn number(&mut self) -> u64 {
        self.came += 1;
        self.came
    }
}
