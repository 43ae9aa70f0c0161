//! Sorts any number of records in bounded memory: runs that outgrow it go to unnamed temporary files and
//! are merged, sixteen at a time, so that few files are open whatever the size of the input.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering as Memory};

/// Runs that are merged into one.
const FAN_IN: usize = 16;
/// Buffer of each open run.
const RUN_BUFFER_BYTES: usize = 1 << 16;
/// A record's two lengths.
const LENGTHS: usize = 8;

/// Collects records; sorted by key, then by value.
pub(super) struct Sorter {
    folder: PathBuf,
    memory_bytes: usize,
    arena: Vec<u8>,
    slots: Vec<Slot>,
    /// Level n holds merges of `FAN_IN` runs of level n − 1.
    levels: Vec<Vec<Run>>,
}

/// All records in order.
pub(super) struct Sorted {
    arena: Vec<u8>,
    slots: std::vec::IntoIter<Slot>,
    merge: Option<Merge>,
}

/// Where a record lies in the arena, and the first bytes of its key, which decide most comparisons.
#[derive(Clone, Copy)]
struct Slot {
    prefix: u64,
    start: usize,
}

struct Run {
    file: BufReader<File>,
}

struct Merge {
    heap: BinaryHeap<Head>,
    current: Vec<u8>,
}

/// The next record of a run; the smallest is the greatest for the heap.
struct Head {
    record: Vec<u8>,
    run: Run,
}

impl Sorter {
    /// A sorter that holds up to `memory_bytes` and puts the rest into `folder`.
    pub(super) fn new(folder: &Path, memory_bytes: usize) -> Self {
        Self {
            folder: folder.to_owned(),
            memory_bytes: memory_bytes.max(1 << 16),
            arena: Vec::new(),
            slots: Vec::new(),
            levels: Vec::new(),
        }
    }

    /// Adds a record.
    pub(super) fn push(&mut self, key: &[u8], value: &[u8]) -> io::Result<()> {
        let size = LENGTHS + key.len() + value.len();
        let used = self.arena.len() + self.slots.len() * size_of::<Slot>();
        if used + size > self.memory_bytes && !self.slots.is_empty() {
            self.spill()?;
        }
        if self.arena.capacity() == 0 {
            // Reserved once: growing would copy, and what is not used is not resident.
            self.arena.reserve_exact(self.memory_bytes);
        }
        self.slots.push(Slot { prefix: prefix(key), start: self.arena.len() });
        put_length(&mut self.arena, key.len())?;
        put_length(&mut self.arena, value.len())?;
        self.arena.extend_from_slice(key);
        self.arena.extend_from_slice(value);
        Ok(())
    }

    /// All records in order.
    pub(super) fn finish(mut self) -> io::Result<Sorted> {
        if self.levels.is_empty() {
            self.sort();
            return Ok(Sorted { arena: self.arena, slots: self.slots.into_iter(), merge: None });
        }
        if !self.slots.is_empty() {
            self.spill()?;
        }
        let runs = self.levels.into_iter().flatten().collect();
        Ok(Sorted { arena: Vec::new(), slots: Vec::new().into_iter(), merge: Some(Merge::new(runs)?) })
    }

    fn sort(&mut self) {
        let arena = &self.arena;
        self.slots.sort_unstable_by(|a, b| {
            a.prefix.cmp(&b.prefix).then_with(|| parts(arena, a.start).cmp(&parts(arena, b.start)))
        });
    }

    fn spill(&mut self) -> io::Result<()> {
        self.sort();
        let mut writer = BufWriter::with_capacity(RUN_BUFFER_BYTES, temporary_file(&self.folder)?);
        for slot in &self.slots {
            let (key, value) = parts(&self.arena, slot.start);
            let end = slot.start + LENGTHS + key.len() + value.len();
            writer.write_all(self.arena.get(slot.start..end).unwrap_or_default())?;
        }
        self.arena.clear();
        self.slots.clear();
        let run = Run::rewind(writer)?;
        self.add_run(0, run)
    }

    fn add_run(&mut self, level: usize, run: Run) -> io::Result<()> {
        if self.levels.len() <= level {
            self.levels.resize_with(level + 1, Vec::new);
        }
        let Some(runs) = self.levels.get_mut(level) else { return Ok(()) };
        runs.push(run);
        if runs.len() < FAN_IN {
            return Ok(());
        }
        let mut merge = Merge::new(std::mem::take(runs))?;
        let mut writer = BufWriter::with_capacity(RUN_BUFFER_BYTES, temporary_file(&self.folder)?);
        while merge.advance()? {
            writer.write_all(&merge.current)?;
        }
        let merged = Run::rewind(writer)?;
        self.add_run(level + 1, merged)
    }
}

impl Sorted {
    /// The next key and value.
    pub(super) fn next(&mut self) -> io::Result<Option<(&[u8], &[u8])>> {
        if let Some(merge) = &mut self.merge {
            return Ok(if merge.advance()? { Some(parts(&merge.current, 0)) } else { None });
        }
        Ok(self.slots.next().map(|slot| parts(&self.arena, slot.start)))
    }
}

impl Merge {
    fn new(runs: Vec<Run>) -> io::Result<Self> {
        let mut heap = BinaryHeap::with_capacity(runs.len());
        for mut run in runs {
            let mut record = Vec::new();
            if run.read(&mut record)? {
                heap.push(Head { record, run });
            }
        }
        Ok(Self { heap, current: Vec::new() })
    }

    /// Moves the smallest record to `current`; false at the end.
    fn advance(&mut self) -> io::Result<bool> {
        let Some(mut head) = self.heap.pop() else { return Ok(false) };
        std::mem::swap(&mut self.current, &mut head.record);
        if head.run.read(&mut head.record)? {
            self.heap.push(head);
        }
        Ok(true)
    }
}

impl Run {
    fn rewind(writer: BufWriter<File>) -> io::Result<Self> {
        let mut file = writer.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.seek(SeekFrom::Start(0))?;
        Ok(Self { file: BufReader::with_capacity(RUN_BUFFER_BYTES, file) })
    }

    fn read(&mut self, record: &mut Vec<u8>) -> io::Result<bool> {
        record.clear();
        record.resize(LENGTHS, 0);
        match self.file.read_exact(record) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(false),
            Err(error) => return Err(error),
        }
        let size = length(record, 0) + length(record, 4);
        record.resize(LENGTHS + size, 0);
        self.file.read_exact(record.get_mut(LENGTHS..).unwrap_or_default())?;
        Ok(true)
    }
}

impl PartialEq for Head {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Head {}
impl PartialOrd for Head {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Head {
    fn cmp(&self, other: &Self) -> Ordering {
        parts(&other.record, 0).cmp(&parts(&self.record, 0))
    }
}

/// The first eight bytes of a key as a number that sorts like them.
fn prefix(key: &[u8]) -> u64 {
    let mut bytes = [0; 8];
    let length = key.len().min(8);
    bytes[..length].copy_from_slice(&key[..length]);
    u64::from_be_bytes(bytes)
}

fn put_length(out: &mut Vec<u8>, length: usize) -> io::Result<()> {
    let length = u32::try_from(length).map_err(|_| io::Error::other("a record of more than 4 GiB"))?;
    out.extend_from_slice(&length.to_le_bytes());
    Ok(())
}

fn length(bytes: &[u8], at: usize) -> usize {
    let four = bytes.get(at..at + 4).and_then(|four| four.try_into().ok()).unwrap_or_default();
    usize::try_from(u32::from_le_bytes(four)).unwrap_or(usize::MAX)
}

fn parts(bytes: &[u8], start: usize) -> (&[u8], &[u8]) {
    let key_end = start + LENGTHS + length(bytes, start);
    let value_end = key_end + length(bytes, start + 4);
    (
        bytes.get(start + LENGTHS..key_end).unwrap_or_default(),
        bytes.get(key_end..value_end).unwrap_or_default(),
    )
}

/// A file without a name: nothing is left behind, however the process ends.
fn temporary_file(folder: &Path) -> io::Result<File> {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let name = format!("perennial-sort-{}-{}", std::process::id(), NUMBER.fetch_add(1, Memory::Relaxed));
    let path = folder.join(name);
    let file = OpenOptions::new().read(true).write(true).create_new(true).open(&path)?;
    std::fs::remove_file(&path)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::Sorter;

    fn sorted(memory_bytes: usize, unsorted: &[(Vec<u8>, Vec<u8>)]) -> Vec<(Vec<u8>, Vec<u8>)> {
        let mut sorter = Sorter::new(&std::env::temp_dir(), memory_bytes);
        for (key, value) in unsorted {
            sorter.push(key, value).expect("pushed");
        }
        let mut records = sorter.finish().expect("finished");
        let mut found = Vec::new();
        while let Some((key, value)) = records.next().expect("read") {
            found.push((key.to_vec(), value.to_vec()));
        }
        found
    }

    #[test]
    fn records_come_out_in_order_whether_they_fit_or_not() {
        // A multiplicative walk through all residues: distinct keys in scrambled order, some sharing a prefix.
        let records: Vec<(Vec<u8>, Vec<u8>)> = (0..40_000_u64)
            .map(|n| (format!("receipt-{}", n * 7_919 % 40_000).into_bytes(), vec![b'x'; 40]))
            .collect();
        let mut expected = records.clone();
        expected.sort();
        assert_eq!(sorted(1 << 26, &records), expected);
        // 64 KiB hold about 600 records: some 65 runs, four merges of the first level.
        assert_eq!(sorted(1 << 16, &records), expected);
        assert_eq!(sorted(1 << 16, &[]), []);
    }
}
