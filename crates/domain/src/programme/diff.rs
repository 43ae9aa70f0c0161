//! Compares two versions of a programme field by field. Parts with a code are matched by it, so that a rule that
//! moved or got a new neighbour is not reported as changed.

use serde::Serialize;
use serde_json::Value;

use super::{Language, Programme, sentence};
use crate::code::Code;

/// One difference between two versions.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// Path of the field; parts with a code are named by it: `rules[double_day].effect.multiplier.factor`.
    pub field: String,
    /// The value before; none if it was added.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// The value after; none if it was removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
    /// The change in Chinese.
    pub sentence_zh: String,
    /// The change in English.
    pub sentence_en: String,
}

/// All differences, in the order of the document.
pub fn diff(before: &Programme, after: &Programme) -> Vec<Change> {
    let mut found = Vec::new();
    // A programme is plain data: turning it into JSON cannot fail.
    let (old, new) = (serde_json::to_value(before), serde_json::to_value(after));
    if let (Ok(old), Ok(new)) = (old, new) {
        compare("", Some(&old), Some(&new), &mut found);
    }
    found.into_iter().map(|(field, old, new)| describe(before, after, field, old, new)).collect()
}

type Difference = (String, Option<Value>, Option<Value>);

fn compare(path: &str, before: Option<&Value>, after: Option<&Value>, found: &mut Vec<Difference>) {
    match (before, after) {
        (Some(old), Some(new)) if old == new => {}
        (Some(Value::Object(old)), Some(Value::Object(new))) => {
            let mut names: Vec<&String> = old.keys().chain(new.keys()).collect();
            names.sort_unstable();
            names.dedup();
            for name in names {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                compare(&path, old.get(name), new.get(name), found);
            }
        }
        (old, new) if coded(old, new) => compare_coded(path, elements(old), elements(new), found),
        (old, new) => found.push((path.to_owned(), old.cloned(), new.cloned())),
    }
}

/// Whether both sides (as far as present) are lists of parts with codes.
fn coded(before: Option<&Value>, after: Option<&Value>) -> bool {
    let list = |value: Option<&Value>| match value {
        None => true,
        Some(Value::Array(parts)) => parts.iter().all(|part| code_of(part).is_some()),
        Some(_) => false,
    };
    let has_parts = !elements(before).is_empty() || !elements(after).is_empty();
    list(before) && list(after) && has_parts
}

fn elements(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn code_of(part: &Value) -> Option<&str> {
    part.get("code")?.as_str()
}

fn compare_coded(path: &str, before: &[Value], after: &[Value], found: &mut Vec<Difference>) {
    let find = |parts: &'_ [Value], code: &str| parts.iter().position(|part| code_of(part) == Some(code));
    for old in before {
        let Some(code) = code_of(old) else { continue };
        let new = find(after, code).map(|position| &after[position]);
        compare(&format!("{path}[{code}]"), Some(old), new, found);
    }
    for new in after {
        let Some(code) = code_of(new) else { continue };
        if find(before, code).is_none() {
            found.push((format!("{path}[{code}]"), None, Some(new.clone())));
        }
    }
    let order = |parts: &[Value], others: &[Value]| -> Vec<String> {
        let codes = parts.iter().filter_map(code_of);
        codes.filter(|code| find(others, code).is_some()).map(str::to_owned).collect()
    };
    let (old, new) = (order(before, after), order(after, before));
    if old != new {
        found.push((format!("{path}.order"), Some(Value::from(old)), Some(Value::from(new))));
    }
}

fn describe(
    before: &Programme,
    after: &Programme,
    field: String,
    old: Option<Value>,
    new: Option<Value>,
) -> Change {
    let speak = |language| change(before, after, &field, (&old, &new), language);
    let (sentence_zh, sentence_en) = (speak(Language::ZhCn), speak(Language::En));
    Change { field, before: old, after: new, sentence_zh, sentence_en }
}

fn change(
    before: &Programme,
    after: &Programme,
    field: &str,
    (old, new): (&Option<Value>, &Option<Value>),
    language: Language,
) -> String {
    let was = part_sentence(before, field, language).or_else(|| old.as_ref().map(short));
    let is = part_sentence(after, field, language).or_else(|| new.as_ref().map(short));
    match (was, is) {
        (Some(was), Some(is)) if was != is => language
            .pick("{field}：由“{was}”改为“{is}”", "{field}: from “{was}” to “{is}”")
            .replace("{was}", &was)
            .replace("{is}", &is),
        // The words are the same, so the change is in the value itself.
        (Some(_), Some(_)) => {
            let (was, is) =
                (old.as_ref().map(short).unwrap_or_default(), new.as_ref().map(short).unwrap_or_default());
            language
                .pick("{field}：由 {was} 改为 {is}", "{field}: from {was} to {is}")
                .replace("{was}", &was)
                .replace("{is}", &is)
        }
        (None, Some(is)) => {
            language.pick("{field}：新增“{is}”", "{field}: added “{is}”").replace("{is}", &is)
        }
        (Some(was), None) => {
            language.pick("{field}：删除“{was}”", "{field}: removed “{was}”").replace("{was}", &was)
        }
        (None, None) => String::new(),
    }
    .replace("{field}", field)
}

/// The sentence of the rule, unit, ladder, reward or other part a field belongs to, if it belongs to one.
fn part_sentence(programme: &Programme, field: &str, language: Language) -> Option<String> {
    if field.split('.').next() == Some("households") {
        let households = programme.households.as_ref()?;
        return Some(sentence::households(programme, households, language));
    }
    let (list, rest) = field.split_once('[')?;
    let code = Code::new(rest.split_once(']')?.0).ok()?;
    match list {
        "rules" => programme.rule(code).map(|rule| sentence::rule(programme, rule, language)),
        "units" => programme.unit(code).map(|unit| sentence::unit(programme, unit, language)),
        "rewards" => {
            let reward = programme.reward(code)?;
            Some(sentence::reward(programme, reward, language))
        }
        "vouchers" => programme.voucher(code).map(|found| sentence::voucher(programme, found, language)),
        "statements" => {
            programme.statement(code).map(|found| sentence::statement(programme, found, language))
        }
        "ladders" => {
            let ladder = programme.ladders.iter().find(|ladder| ladder.code == code)?;
            Some(sentence::ladder(programme, ladder, language))
        }
        _ => None,
    }
}

fn short(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
