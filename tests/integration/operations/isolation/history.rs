//! Histories of appends and reads, and the judge of them. Each account is a list; a command appends one element, a read
//! sees the list up to some element. After Elle (Kingsbury and Alvaro, 2020): orders of appends are read off the reads
//! and the final lists, and a cycle of dependencies is an order that no run one at a time could have had.

use std::collections::{BTreeMap, BTreeSet};

/// A place in the order in which the clients saw things happen: counted, not measured.
pub type Instant = u64;

/// A command: when it was asked and answered, and the number its entry was said to have.
#[derive(Debug, Clone)]
pub struct Append {
    pub account: usize,
    pub reference: String,
    pub asked: Instant,
    pub answered: Instant,
    /// None: the client never heard, and it may have happened or not.
    pub number: Option<u32>,
}

/// A read: the number of the last entry it saw, the last references up to it, and the points earned by then.
#[derive(Debug, Clone)]
pub struct Read {
    pub client: usize,
    pub account: usize,
    pub asked: Instant,
    pub answered: Instant,
    pub last: u32,
    pub window: Vec<String>,
    pub points: Option<i64>,
}

/// An entry as it stands in the end.
#[derive(Debug, Clone)]
pub struct Written {
    pub number: u32,
    pub reference: String,
    pub recorded_at: i64,
    pub points: i64,
}

/// What the clients did and saw, and the final list of each account.
#[derive(Debug, Clone, Default)]
pub struct History {
    pub appends: Vec<Append>,
    pub reads: Vec<Read>,
    pub lists: BTreeMap<usize, Vec<Written>>,
}

impl History {
    /// Everything that is wrong; each sentence begins with its kind.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        self.check_lists(&mut faults);
        self.check_appends(&mut faults);
        self.check_reads(&mut faults);
        self.check_clients(&mut faults);
        // Only lists that are whole give the order that cycles are looked for in.
        if faults.is_empty() {
            faults.extend(self.cycle());
        }
        faults
    }

    fn list(&self, account: usize) -> &[Written] {
        self.lists.get(&account).map_or(&[], Vec::as_slice)
    }

    fn check_lists(&self, faults: &mut Vec<String>) {
        for (account, list) in &self.lists {
            let mut known = BTreeSet::new();
            for (expected, entry) in (1..).zip(list) {
                if entry.number != expected {
                    faults.push(format!("gap: account {account} has entry {} at {expected}", entry.number));
                }
                if !known.insert(&entry.reference) {
                    faults.push(format!("twice: account {account} has {} twice", entry.reference));
                }
            }
            for pair in list.windows(2) {
                if pair[1].recorded_at <= pair[0].recorded_at {
                    faults.push(format!("time: account {account}: {:?} is not after {:?}", pair[1], pair[0]));
                }
            }
        }
    }

    fn check_appends(&self, faults: &mut Vec<String>) {
        for append in &self.appends {
            let found = self.list(append.account).iter().find(|entry| entry.reference == append.reference);
            match (append.number, found) {
                (Some(_), None) => faults.push(format!("lost: {append:?}")),
                (Some(number), Some(entry)) if entry.number != number => {
                    faults.push(format!("moved: {append:?} stands at {}", entry.number));
                }
                _ => {}
            }
        }
        let asked: BTreeSet<_> =
            self.appends.iter().map(|append| (append.account, &append.reference)).collect();
        for (account, list) in &self.lists {
            // The first entry opened the account, before the clients came.
            for entry in list.iter().skip(1) {
                if !asked.contains(&(*account, &entry.reference)) {
                    faults.push(format!("invented: account {account} has {entry:?}"));
                }
            }
        }
    }

    fn check_reads(&self, faults: &mut Vec<String>) {
        for read in &self.reads {
            let length = usize::try_from(read.last).unwrap_or(usize::MAX);
            let Some(prefix) = self.list(read.account).get(..length) else {
                faults.push(format!("vanished: {read:?} saw more than is left"));
                continue;
            };
            let tail = &prefix[prefix.len().saturating_sub(read.window.len())..];
            if !tail.iter().map(|entry| &entry.reference).eq(&read.window) {
                faults.push(format!("order: {read:?} saw another order than stands"));
            }
            let earned: i64 = prefix.iter().map(|entry| entry.points).sum();
            if read.points.is_some_and(|points| points != earned) {
                faults.push(format!("sum: {read:?}, but the entries up to there give {earned}"));
            }
        }
    }

    /// What one client saw of an account never shrinks.
    fn check_clients(&self, faults: &mut Vec<String>) {
        let mut seen: BTreeMap<(usize, usize), u32> = BTreeMap::new();
        let mut reads: Vec<&Read> = self.reads.iter().collect();
        reads.sort_by_key(|read| read.asked);
        for read in reads {
            let last = seen.entry((read.client, read.account)).or_insert(0);
            if read.last < *last {
                faults.push(format!("back: {read:?} after {last} had been seen"));
            }
            *last = read.last.max(*last);
        }
    }

    /// A cycle of real time, appends and reads: an account's list orders its appends, a read follows what it saw and
    /// precedes what it did not, and whatever was answered precedes whatever was asked later.
    fn cycle(&self) -> Option<String> {
        let (appends, operations) = (self.appends.len(), self.appends.len() + self.reads.len());
        let times: Vec<(Instant, Instant)> = self
            .appends
            .iter()
            .map(|append| {
                (append.asked, if append.number.is_some() { append.answered } else { Instant::MAX })
            })
            .chain(self.reads.iter().map(|read| (read.asked, read.answered)))
            .collect();
        let mut edges = Edges::new(operations, &times);
        let mut at: BTreeMap<(usize, u32), usize> = BTreeMap::new();
        for (position, append) in self.appends.iter().enumerate() {
            let written = self.list(append.account).iter().find(|entry| entry.reference == append.reference);
            if let Some(entry) = written {
                at.insert((append.account, entry.number), position);
            }
        }
        for ((account, number), position) in &at {
            if let Some(next) = at.get(&(*account, number + 1)) {
                edges.add(*position, *next);
            }
        }
        for (read, position) in self.reads.iter().zip(appends..) {
            if let Some(seen) = at.get(&(read.account, read.last)) {
                edges.add(*seen, position);
            }
            if let Some(unseen) = at.get(&(read.account, read.last + 1)) {
                edges.add(position, *unseen);
            }
        }
        let stuck: Vec<String> = edges
            .stuck()
            .into_iter()
            .filter(|node| *node < operations)
            .map(|node| match self.appends.get(node) {
                Some(append) => format!("{append:?}"),
                None => format!("{:?}", self.reads[node - appends]),
            })
            .take(12)
            .collect();
        (!stuck.is_empty()).then(|| format!("cycle: among, or waiting for,\n{}", stuck.join("\n")))
    }
}

/// A graph of operations and of moments: an operation leads to the moment of its answer, each moment to the next, and the
/// last moment before an operation was asked leads to it. So real time needs two edges for each operation.
struct Edges {
    after: Vec<Vec<usize>>,
}

impl Edges {
    fn new(operations: usize, times: &[(Instant, Instant)]) -> Self {
        let mut moments: Vec<(Instant, usize)> =
            times.iter().enumerate().map(|(node, (_, answered))| (*answered, node)).collect();
        moments.sort_unstable();
        let mut edges = Self { after: vec![Vec::new(); operations + moments.len()] };
        for (place, (_, node)) in moments.iter().enumerate() {
            edges.add(*node, operations + place);
            if place > 0 {
                edges.add(operations + place - 1, operations + place);
            }
        }
        for (node, (asked, _)) in times.iter().enumerate() {
            let before = moments.partition_point(|(answered, _)| answered < asked);
            if before > 0 {
                edges.add(operations + before - 1, node);
            }
        }
        edges
    }

    fn add(&mut self, from: usize, to: usize) {
        self.after[from].push(to);
    }

    /// What is left when nodes that nothing precedes are taken away again and again: none, unless there is a cycle.
    fn stuck(&self) -> Vec<usize> {
        let mut before = vec![0_u32; self.after.len()];
        for to in self.after.iter().flatten() {
            before[*to] += 1;
        }
        let mut free: Vec<usize> = (0..before.len()).filter(|node| before[*node] == 0).collect();
        while let Some(node) = free.pop() {
            for to in &self.after[node] {
                before[*to] -= 1;
                if before[*to] == 0 {
                    free.push(*to);
                }
            }
        }
        (0..before.len()).filter(|node| before[*node] > 0).collect()
    }
}
