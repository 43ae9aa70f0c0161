//! The sentence of a tier ladder: its tiers, what counts over which time, how a tier is lost.

use super::super::{Basis, Exact, Ladder, Language, Programme, Review, ReviewOn, Tier, Window};
use super::Speaker;

/// A ladder in words.
pub fn ladder(programme: &Programme, ladder: &Ladder, language: Language) -> String {
    let speaker = Speaker { programme, language };
    let tiers: Vec<String> = ladder.tiers.iter().map(|each| tier(speaker, ladder, each)).collect();
    let tiers = tiers.join(speaker.language.pick("、", ", "));
    let counts = format!("{}{}", basis(speaker, &ladder.basis), window(speaker, ladder.window));
    let mut clauses = vec![speaker.pick(format!("按{counts}评定：{tiers}"), format!("By {counts}: {tiers}"))];
    clauses.push(speaker.pick("达标即升级".to_owned(), "reaching a threshold lifts at once".to_owned()));
    clauses.extend(review(speaker, &ladder.review));
    if ladder.tiers.iter().any(|tier| tier.deduction > 0) {
        clauses.push(deductions(speaker, ladder));
    }
    speaker.sentence(&clauses)
}

fn tier(speaker: Speaker<'_>, ladder: &Ladder, tier: &Tier) -> String {
    let threshold = match ladder.basis {
        Basis::Spend => speaker.money(tier.threshold),
        _ => Exact(tier.threshold.0.normalize()).grouped(),
    };
    speaker.pick(format!("{} {threshold} 起", tier.name.zh), format!("{} from {threshold}", tier.name.en))
}

fn basis(speaker: Speaker<'_>, basis: &Basis) -> String {
    match basis {
        Basis::UnitBalance(unit) => {
            let name = speaker.unit_name(*unit);
            speaker.pick(format!("现有{name}"), format!("the balance of {name}"))
        }
        Basis::UnitEarned(unit) => {
            let name = speaker.unit_name(*unit);
            speaker.pick(format!("获得的{name}"), format!("the {name} earned"))
        }
        Basis::Spend => speaker.pick("消费金额".to_owned(), "spend".to_owned()),
        Basis::Visits => speaker.pick("消费天数".to_owned(), "days with a purchase".to_owned()),
        Basis::Nights(category) => {
            speaker.pick(format!("购买“{category}”的数量"), format!("items of category “{category}”"))
        }
    }
}

fn window(speaker: Speaker<'_>, window: Window) -> String {
    match window {
        Window::CalendarYear => speaker.pick("（自然年）".to_owned(), " in the calendar year".to_owned()),
        Window::Anniversary => speaker.pick("（会员年）".to_owned(), " in the membership year".to_owned()),
        Window::RollingMonths(months) => {
            speaker.pick(format!("（近 {months} 个月）"), format!(" in the last {months} months"))
        }
        Window::Lifetime => String::new(),
    }
}

fn review(speaker: Speaker<'_>, review: &Review) -> Vec<String> {
    let day = match review.on {
        ReviewOn::Never => {
            return vec![speaker.pick("等级不降".to_owned(), "a tier is never lost".to_owned())];
        }
        ReviewOn::Anniversary => ("每年入会日复核", "reviewed on each anniversary of joining"),
        ReviewOn::YearInTier => ("达到等级满一年复核", "reviewed a year after the tier was reached or kept"),
        ReviewOn::WindowEnd => ("统计期结束时复核", "reviewed when the window ends"),
    };
    let mut clauses = vec![speaker.pick(day.0.to_owned(), day.1.to_owned())];
    if review.grace_months > 0 {
        let months = review.grace_months;
        clauses.push(speaker.pick(format!("宽限 {months} 个月"), format!("with {months} months of grace")));
    }
    if review.soft_landing {
        clauses
            .push(speaker.pick("每次最多降一级".to_owned(), "at most one level down at a time".to_owned()));
    }
    clauses
}

fn deductions(speaker: Speaker<'_>, ladder: &Ladder) -> String {
    let each: Vec<String> = ladder
        .tiers
        .iter()
        .filter(|tier| tier.deduction > 0)
        .map(|tier| format!("{} {}", tier.name.get(speaker.language), Exact::whole(tier.deduction).grouped()))
        .collect();
    let each = each.join(speaker.language.pick("、", ", "));
    speaker.pick(format!("复核时先扣减：{each}"), format!("the review first deducts {each}"))
}
