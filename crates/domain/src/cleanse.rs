//! Cleansing for comparison: names, telephone numbers and e-mail addresses in a form in which two spellings of the same
//! are equal, whatever script, accents, order or punctuation they were typed in. What is stored stays as it is.

use pinyin::ToPinyin;

/// Surnames of two characters (百家姓); every other Chinese name begins with one of one character.
const LONG_SURNAMES: [&str; 20] = [
    "欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐", "司徒", "夏侯", "长孙",
    "宇文", "端木", "南宫", "轩辕", "歐陽", "司馬", "諸葛",
];
/// Forms of address that are no part of a name: words of their own, and those behind a Chinese name.
const TITLES: [&str; 6] = ["mr", "mrs", "ms", "miss", "dr", "prof"];
const CHINESE_TITLES: [&str; 4] = ["先生", "女士", "小姐", "太太"];
/// Hosts at which dots in the name of a mailbox mean nothing, and the one name for them.
const DOTLESS_HOSTS: [&str; 2] = ["gmail.com", "googlemail.com"];
const DOTLESS_HOST: &str = "gmail.com";

/// A name, cleansed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CleanName {
    /// How the family name sounds, in Latin letters; empty where a name has one word.
    pub family: String,
    /// How the given name sounds, in Latin letters without spaces; empty where a name has one Chinese character.
    pub given: String,
    /// The given name as it is written: Chinese characters, or the same as [`Self::given`].
    pub given_written: String,
    /// Whether it is written in Latin letters, so that either word may be the family name.
    pub latin: bool,
}

/// An e-mail address, cleansed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CleanEmail {
    /// The name of the mailbox.
    pub name: String,
    /// Where it is.
    pub host: String,
}

/// The name without accents, titles, remarks in brackets, spaces and punctuation, by how it sounds: 李晓明 and
/// `LI Xiaoming` sound the same. `None` where no letter is left.
pub fn clean_name(name: &str) -> Option<CleanName> {
    let plain: String = without_remarks(name).chars().flat_map(plain_letter).collect();
    let joined = words(&plain).concat();
    if joined.chars().next()?.to_pinyin().is_some() {
        let title = CHINESE_TITLES.iter().find_map(|title| joined.strip_suffix(title));
        return Some(chinese(title.filter(|rest| !rest.is_empty()).unwrap_or(&joined)));
    }
    let (family, given) = match plain.split_once(',').map(|(family, given)| (words(family), words(given))) {
        Some((family, given)) if !(family.is_empty() || given.is_empty()) => {
            (family.concat(), given.concat())
        }
        _ => {
            let mut given = words(&plain);
            let family = if given.len() > 1 { given.pop() } else { None };
            (family.unwrap_or_default(), given.concat())
        }
    };
    let given = by_sound(&given);
    Some(CleanName { family: by_sound(&family), given_written: given.clone(), given, latin: true })
}

/// The words of a name, letters and digits alone, without titles.
fn words(text: &str) -> Vec<String> {
    text.split(|c: char| c.is_whitespace() || c == ',' || c == '·')
        .map(|word| word.chars().filter(|c| c.is_alphanumeric()).collect::<String>())
        .filter(|word| !word.is_empty() && !TITLES.contains(&word.as_str()))
        .collect()
}

fn chinese(name: &str) -> CleanName {
    let long = LONG_SURNAMES.iter().find(|surname| name.len() > surname.len() && name.starts_with(**surname));
    let first = name.chars().next().map_or(0, char::len_utf8);
    let (family, given) = name.split_at(long.map_or(first, |surname| surname.len()));
    let alone = family.chars().count() == 1;
    let family: String = family
        .chars()
        .map(|c| crate::member::surname_reading(c).filter(|_| alone).map_or_else(|| sound(c), str::to_owned))
        .collect();
    CleanName {
        family: by_sound(&family),
        given: by_sound(&given.chars().map(sound).collect::<String>()),
        given_written: given.to_owned(),
        latin: false,
    }
}

fn sound(character: char) -> String {
    let read = character.to_pinyin().map(|read| read.plain().chars().flat_map(plain_letter).collect());
    read.unwrap_or_else(|| character.to_string())
}

/// The sound ü is typed as u, v or with its dots.
fn by_sound(word: &str) -> String {
    word.replace("lv", "lu").replace("nv", "nu")
}

/// What stands in brackets is about the member and not the name.
fn without_remarks(name: &str) -> String {
    let mut depth = 0_u32;
    name.chars()
        .filter(|c| match c {
            '(' | '（' | '[' | '【' => {
                depth += 1;
                false
            }
            ')' | '）' | ']' | '】' => {
                depth = depth.saturating_sub(1);
                false
            }
            _ => depth == 0,
        })
        .collect()
}

/// A character in small letters, half as wide and without its accent.
fn plain_letter(character: char) -> impl Iterator<Item = char> {
    const WIDE: u32 = 0xFEE0;
    let narrow = match character {
        '\u{ff01}'..='\u{ff5e}' => {
            char::from_u32(u32::from(character).saturating_sub(WIDE)).unwrap_or(character)
        }
        '\u{3000}' => ' ',
        '、' => ',',
        other => other,
    };
    narrow.to_lowercase().map(|letter| match letter {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ā' | 'ǎ' | 'ă' | 'ą' => 'a',
        'ç' | 'ć' | 'č' => 'c',
        'ď' | 'đ' => 'd',
        'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ě' | 'ę' => 'e',
        'ì' | 'í' | 'î' | 'ï' | 'ī' | 'ǐ' => 'i',
        'ł' => 'l',
        'ñ' | 'ń' | 'ň' => 'n',
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' | 'ō' | 'ǒ' => 'o',
        'ř' => 'r',
        'š' | 'ś' | 'ş' => 's',
        'ť' => 't',
        'ù' | 'ú' | 'û' | 'ü' | 'ū' | 'ǔ' | 'ǖ' | 'ǘ' | 'ǚ' | 'ǜ' | 'ů' => 'u',
        'ý' | 'ÿ' => 'y',
        'ž' | 'ź' | 'ż' => 'z',
        other => other,
    })
}

/// The digits of a telephone number in E.164 form, its country code first and without a trunk zero behind it. A number
/// that no numbering plan knows is taken as it is. `None` where no digit is left, or more than a number can have.
pub fn clean_phone(phone: &str) -> Option<u64> {
    let normal = |text: &str| {
        let number = phonenumber::parse(None, text).ok().filter(phonenumber::PhoneNumber::is_valid)?;
        Some(number.format().mode(phonenumber::Mode::E164).to_string())
    };
    // Country codes have one to three digits behind the plus sign.
    let without_trunk_zero = || {
        (2..=4).find_map(|end| {
            let (code, rest) = phone.split_at_checked(end)?;
            normal(&format!("{code}{}", rest.strip_prefix('0')?))
        })
    };
    let known = normal(phone).or_else(without_trunk_zero);
    let digits: String = known.as_deref().unwrap_or(phone).chars().filter(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// The address in small letters, without what stands behind a plus sign, and without dots where they mean nothing.
/// `None` if it is no address.
pub fn clean_email(email: &str) -> Option<CleanEmail> {
    let small = email.trim().to_lowercase();
    let (name, host) = small.split_once('@')?;
    let name = name.split('+').next().filter(|name| !name.is_empty())?;
    let dotless = DOTLESS_HOSTS.contains(&host);
    let name = if dotless { name.replace('.', "") } else { name.to_owned() };
    Some(CleanEmail { name, host: if dotless { DOTLESS_HOST } else { host }.to_owned() })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{clean_email, clean_name, clean_phone};

    fn name(text: &str) -> (String, String, String) {
        let name = clean_name(text).unwrap_or_default();
        (name.family, name.given, name.given_written)
    }

    #[test]
    fn a_name_sounds_the_same_in_either_script() {
        for (text, family, given, written) in [
            ("李晓明", "li", "xiaoming", "晓明"),
            ("  李 晓明 ", "li", "xiaoming", "晓明"),
            ("李晓明（旧卡）", "li", "xiaoming", "晓明"),
            ("李晓明先生", "li", "xiaoming", "晓明"),
            ("Xiaoming LI", "li", "xiaoming", "xiaoming"),
            ("Li, Xiao-Ming", "li", "xiaoming", "xiaoming"),
            ("de la Cruz, Ana María", "delacruz", "anamaria", "anamaria"),
            ("Ｘｉａｏｍｉｎｇ　Ｌｉ", "li", "xiaoming", "xiaoming"),
            ("Mr. Xiǎomíng Lǐ", "li", "xiaoming", "xiaoming"),
            ("欧阳娜娜", "ouyang", "nana", "娜娜"),
            ("单田芳", "shan", "tianfang", "田芳"),
            ("吕布", "lu", "bu", "布"),
            ("Bu Lü", "lu", "bu", "bu"),
            ("Bu Lv", "lu", "bu", "bu"),
            ("José O'Neill", "oneill", "jose", "jose"),
            ("Ada", "", "ada", "ada"),
            ("李", "li", "", ""),
        ] {
            assert_eq!(name(text), (family.to_owned(), given.to_owned(), written.to_owned()), "{text}");
        }
        assert_eq!(clean_name(" (?) "), None);
    }

    #[test]
    fn a_telephone_number_is_one_number_however_it_was_written() {
        for phone in ["+8613800138000", "+86 138-0013-8000", "+86013800138000"] {
            assert_eq!(clean_phone(phone), Some(8_613_800_138_000), "{phone}");
        }
        assert_eq!(clean_phone("+4402079460958"), clean_phone("+442079460958"));
        // No plan knows it, but two members may have it.
        assert_eq!(clean_phone("+99912345678"), Some(99_912_345_678));
        assert_eq!(clean_phone("none"), None);
    }

    #[test]
    fn an_address_is_one_address_however_it_was_written() {
        let parts = |text: &str| clean_email(text).map(|email| (email.name, email.host));
        let expected = Some(("lina".to_owned(), "gmail.com".to_owned()));
        for email in ["li.na@gmail.com", "Li.Na+shop@GoogleMail.com", "lina@gmail.com"] {
            assert_eq!(parts(email), expected, "{email}");
        }
        assert_eq!(parts("li.na@example.org"), Some(("li.na".to_owned(), "example.org".to_owned())));
        assert_eq!((parts("li.na"), parts("+shop@example.org")), (None, None));
    }

    proptest! {
        #[test]
        fn order_and_case_of_a_latin_name_change_nothing(given in "[a-z]{3,8}", family in "[a-z]{3,8}") {
            prop_assume!(![&given, &family].iter().any(|word| super::TITLES.contains(&word.as_str())));
            let expected = name(&format!("{given} {family}"));
            prop_assert_eq!(name(&format!("{family}, {given}")), expected.clone());
            prop_assert_eq!(name(&format!("MR {} {}", given.to_uppercase(), family.to_uppercase())), expected);
        }

        #[test]
        fn any_text_is_cleansed_without_spaces_and_an_address_stays_as_it_is(text in "\\PC{0,20}") {
            if let Some(found) = clean_name(&text) {
                prop_assert!(!found.family.contains(' ') && !found.given.contains(' '), "{:?}", found);
            }
            if let Some(email) = clean_email(&text) {
                let again = clean_email(&format!("{}@{}", email.name, email.host));
                prop_assert_eq!(again, Some(email));
            }
        }
    }
}
