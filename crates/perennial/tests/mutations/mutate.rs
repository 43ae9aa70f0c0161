//! Mutations of files: bytes changed, parts lost, doubled, moved and crossed over, numbers at their ends, words of the
//! formats in wrong places.

/// `SplitMix64` (Steele, Lea and Flood, 2014).
pub(crate) struct Random(u64);

/// What is put in somewhere: ends of numbers, marks of the formats, characters that are hard to count.
const PIECES: [&str; 40] = [
    "0",
    "-1",
    "9007199254740991",
    "9007199254740992",
    "-9007199254740992",
    "9223372036854775807",
    "-9223372036854775808",
    "18446744073709551616",
    "1e308",
    "0.00000000000000000000000000001",
    "79228162514264337593543950335",
    "\"",
    "'",
    "\"\"\"",
    "\\u0000",
    "\\",
    "\n",
    "\r\n",
    "\t",
    "[",
    "]",
    "[[",
    "]]",
    "{",
    "}",
    "=",
    ",",
    ".",
    "#",
    "null",
    "true",
    "[]",
    "{}",
    "\u{feff}",
    "\u{202e}",
    "🂡",
    "2024-02-29",
    "9999-12-31T23:59:59Z",
    "-009999-01-01T00:00:00Z",
    "\0",
];

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A place from 0 up to, not including, `end`; 0 where there is none.
    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end.max(1)).unwrap()).unwrap()
    }
}

/// A file of the corpus with one to four mutations.
pub(crate) fn mutated(corpus: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut bytes = corpus[random.below(corpus.len())].clone();
    for _ in 0..=random.below(4) {
        mutate(&mut bytes, corpus, random);
    }
    bytes
}

fn mutate(bytes: &mut Vec<u8>, corpus: &[Vec<u8>], random: &mut Random) {
    let at = random.below(bytes.len() + 1);
    let end = (at + random.below(24)).min(bytes.len());
    match random.below(9) {
        0 if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
        1 => drop(bytes.drain(at..end)),
        2 => insert(bytes, at, PIECES[random.below(PIECES.len())].as_bytes()),
        3 => {
            let part = bytes[at..end].to_vec();
            insert(bytes, random.below(bytes.len() + 1), &part);
        }
        4 => replace_number(bytes, random),
        5 => swap_lines(bytes, random),
        6 => {
            let other = &corpus[random.below(corpus.len())];
            let from = random.below(other.len());
            let until = (from + random.below(64)).min(other.len());
            insert(bytes, at, &other[from..until]);
        }
        7 => drop_line(bytes, random),
        _ => swap_words(bytes, corpus, random),
    }
}

fn insert(bytes: &mut Vec<u8>, at: usize, part: &[u8]) {
    bytes.splice(at..at, part.iter().copied());
}

/// Where runs of bytes of a kind begin and end.
fn runs(bytes: &[u8], kind: fn(&u8) -> bool) -> Vec<(usize, usize)> {
    let mut runs = Vec::new();
    let mut start = None;
    for (place, byte) in bytes.iter().chain([&b'\0']).enumerate() {
        match (kind(byte) && place < bytes.len(), start) {
            (true, None) => start = Some(place),
            (false, Some(from)) => {
                runs.push((from, place));
                start = None;
            }
            _ => {}
        }
    }
    runs
}

fn replace_number(bytes: &mut Vec<u8>, random: &mut Random) {
    let numbers = runs(bytes, u8::is_ascii_digit);
    if let Some((from, to)) = numbers.get(random.below(numbers.len())) {
        // The first pieces are numbers.
        bytes.splice(from..to, PIECES[random.below(11)].bytes());
    }
}

/// A word takes the place of another one: a code that is not declared, a kind that does not fit.
fn swap_words(bytes: &mut Vec<u8>, corpus: &[Vec<u8>], random: &mut Random) {
    let word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let other = &corpus[random.below(corpus.len())];
    let (mine, theirs) = (runs(bytes, word), runs(other, word));
    let (Some((from, to)), Some((first, last))) =
        (mine.get(random.below(mine.len())), theirs.get(random.below(theirs.len())))
    else {
        return;
    };
    bytes.splice(from..to, other[*first..*last].iter().copied());
}

fn lines(bytes: &[u8]) -> Vec<Vec<u8>> {
    bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()
}

fn swap_lines(bytes: &mut Vec<u8>, random: &mut Random) {
    let mut lines = lines(bytes);
    if !lines.is_empty() {
        let (one, other) = (random.below(lines.len()), random.below(lines.len()));
        lines.swap(one, other);
    }
    *bytes = lines.concat();
}

fn drop_line(bytes: &mut Vec<u8>, random: &mut Random) {
    let mut lines = lines(bytes);
    if !lines.is_empty() {
        lines.remove(random.below(lines.len()));
    }
    *bytes = lines.concat();
}
