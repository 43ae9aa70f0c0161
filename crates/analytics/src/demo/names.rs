//! Invented people: names in Chinese and English combined from our own lists of common parts, numbers from
//! ranges that nobody can have. Any likeness to a living person is chance.

use domain::member::{card_check_digit, name_search_keys};
use stats::random::Random;

const SURNAMES: [&str; 60] = [
    "王", "李", "张", "刘", "陈", "杨", "黄", "赵", "周", "吴", "徐", "孙", "马", "朱", "胡", "郭", "何",
    "林", "高", "罗", "郑", "梁", "谢", "宋", "唐", "许", "邓", "冯", "韩", "曹", "曾", "彭", "萧", "蔡",
    "潘", "田", "董", "袁", "于", "余", "叶", "蒋", "杜", "苏", "魏", "程", "吕", "丁", "沈", "任", "姚",
    "卢", "傅", "钟", "姜", "崔", "谭", "欧阳", "司马", "单",
];

const GIVEN: [&str; 64] = [
    "伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳", "杰", "娟", "涛", "明", "超",
    "霞", "平", "刚", "桂", "英", "华", "玉", "兰", "文", "辉", "建", "国", "春", "梅", "红", "雪", "晨",
    "宇", "浩", "子", "涵", "梓", "轩", "欣", "怡", "思", "佳", "俊", "博", "诗", "琪", "雨", "桐", "嘉",
    "一", "诺", "若", "安", "宁", "乐", "瑶", "晓", "慧", "志", "鹏", "海", "燕",
];

const FIRST_NAMES: [&str; 48] = [
    "Ada",
    "Alan",
    "Amelia",
    "Andrew",
    "Anna",
    "Arthur",
    "Ben",
    "Beth",
    "Charlotte",
    "Chloe",
    "Daniel",
    "David",
    "Edith",
    "Edward",
    "Ella",
    "Emma",
    "Ethan",
    "Eva",
    "Felix",
    "Fiona",
    "Frank",
    "George",
    "Grace",
    "Hannah",
    "Harry",
    "Helen",
    "Henry",
    "Ivy",
    "Jack",
    "James",
    "Jane",
    "Julia",
    "Kate",
    "Leo",
    "Liam",
    "Lucy",
    "Mary",
    "Max",
    "Mia",
    "Nina",
    "Noah",
    "Oliver",
    "Olivia",
    "Paul",
    "Rose",
    "Ruth",
    "Sam",
    "Zoe",
];

const LAST_NAMES: [&str; 48] = [
    "Adams", "Baker", "Bell", "Bennett", "Brooks", "Brown", "Carter", "Clark", "Collins", "Cook", "Cooper",
    "Davis", "Dixon", "Evans", "Fisher", "Foster", "Fox", "Gray", "Green", "Hall", "Harris", "Hill",
    "Hughes", "Hunt", "Jackson", "Jones", "Kelly", "King", "Lane", "Lewis", "Marsh", "Mason", "Mills",
    "Moore", "Morris", "Murphy", "Palmer", "Parker", "Price", "Reed", "Shaw", "Smith", "Stone", "Turner",
    "Walker", "Ward", "White", "Wood",
];

/// A Chinese name: a surname and one (a quarter) or two given characters.
pub(super) fn chinese_name(random: &mut Random) -> String {
    let mut name = String::new();
    // Common surnames are far more common: the smaller of two draws leans to the head of the list.
    let count = SURNAMES.len() as u64;
    let rank = random.below(count).min(random.below(count));
    name.push_str(
        usize::try_from(rank).ok().and_then(|rank| SURNAMES.get(rank)).copied().unwrap_or_default(),
    );
    let characters = if random.chance(0.25) { 1 } else { 2 };
    for _ in 0..characters {
        name.push_str(random.pick(&GIVEN).copied().unwrap_or_default());
    }
    name
}

/// An English name: first and last.
pub(super) fn english_name(random: &mut Random) -> String {
    let first = random.pick(&FIRST_NAMES).copied().unwrap_or_default();
    let last = random.pick(&LAST_NAMES).copied().unwrap_or_default();
    format!("{first} {last}")
}

/// An e-mail address that can never be delivered (RFC 2606 reserves both hosts), unique by number.
pub(super) fn email(name: &str, number: u32) -> String {
    let keys = name_search_keys(name);
    let words: Vec<&str> = keys.split(' ').collect();
    // Chinese names have three keys: the name, its pinyin, its initials. English names are two words.
    let local = match words[..] {
        [_, pinyin, _] => pinyin.to_owned(),
        _ => words.join("."),
    };
    let host = if number.is_multiple_of(3) { "example.com" } else { "example.org" };
    format!("{local}{number}@{host}")
}

/// A telephone number in E.164 form that is nobody's: no Chinese mobile number begins with 100, and no
/// Beijing number with 0.
pub(super) fn phone(number: u32) -> String {
    format!("+86100{number:08}")
}

/// A card number of 16 digits with its check digit. A leading 9 leaves the number to national use
/// (ISO/IEC 7812-1), so it is no payment card.
pub(super) fn card(number: u32) -> String {
    let digits = format!("9156{number:011}");
    let check = card_check_digit(&digits);
    format!("{digits}{check}")
}

#[cfg(test)]
mod tests {
    use super::{card, email, phone};

    #[test]
    fn numbers_are_well_formed() {
        assert_eq!(phone(7), "+8610000000007");
        assert_eq!(card(7).len(), 16);
        assert_eq!(email("张伟", 7), "zhangwei7@example.org");
        assert_eq!(email("Ada Brown", 9), "ada.brown9@example.com");
    }
}
