//! The cookies of console and card: session, form secret, language and theme. Over TLS the secrets carry the `__Host-` prefix,
//! which binds them to this host; browsers refuse that prefix on plain http, so a loopback address goes without.

use axum::http::{HeaderMap, HeaderValue, header};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};

const DAY_SECONDS: i64 = 24 * 3600;

/// A cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Name {
    /// The session token.
    Session,
    /// The secret of forms shown before anybody signed in.
    Visitor,
    /// The session of a member at their own card.
    Card,
    /// The secret of the card's forms before a member signed in.
    CardVisitor,
    /// What a member's code was asked for with.
    CardChallenge,
    /// `zh-CN` or `en`.
    Language,
    /// `light` or `dark`.
    Theme,
}

impl Name {
    fn secret(self) -> bool {
        !matches!(self, Self::Language | Self::Theme)
    }

    /// How long a browser keeps it; without a number, until it is closed.
    fn seconds(self) -> Option<i64> {
        match self {
            Self::Session | Self::Visitor | Self::CardVisitor => None,
            // A phone closes browsers as it likes; a member's card stays until the session is over.
            Self::Card => Some(operations::MEMBER_SESSION_DAYS_MAX * DAY_SECONDS),
            Self::CardChallenge => Some(operations::CODE_MINUTES * 60),
            Self::Language | Self::Theme => Some(365 * DAY_SECONDS),
        }
    }

    fn text(self, over_tls: bool) -> String {
        let plain = match self {
            Self::Session => "perennial_session",
            Self::Visitor => "perennial_visitor",
            Self::Card => "perennial_card",
            Self::CardVisitor => "perennial_card_visitor",
            Self::CardChallenge => "perennial_card_challenge",
            Self::Language => "perennial_language",
            Self::Theme => "perennial_theme",
        };
        if over_tls && self.secret() { format!("__Host-{plain}") } else { plain.to_owned() }
    }
}

/// Reads a cookie.
pub(crate) fn read(headers: &HeaderMap, name: Name, over_tls: bool) -> Option<String> {
    CookieJar::from_headers(headers).get(&name.text(over_tls)).map(|cookie| cookie.value().to_owned())
}

/// The header that sets a cookie.
pub(crate) fn set(name: Name, value: &str, over_tls: bool) -> Option<(header::HeaderName, HeaderValue)> {
    let mut cookie = Cookie::new(name.text(over_tls), value.to_owned());
    cookie.set_path("/");
    cookie.set_same_site(if name.secret() { SameSite::Strict } else { SameSite::Lax });
    cookie.set_http_only(name.secret());
    cookie.set_secure(over_tls);
    let mut text = cookie.to_string();
    if let Some(seconds) = name.seconds() {
        text.push_str("; Max-Age=");
        text.push_str(&seconds.to_string());
    }
    HeaderValue::from_str(&text).ok().map(|value| (header::SET_COOKIE, value))
}

/// The header that takes a cookie back.
pub(crate) fn clear(name: Name, over_tls: bool) -> Option<(header::HeaderName, HeaderValue)> {
    let secure = if over_tls { "; Secure" } else { "" };
    let text = format!("{}=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict{secure}", name.text(over_tls));
    HeaderValue::from_str(&text).ok().map(|value| (header::SET_COOKIE, value))
}

#[cfg(test)]
mod tests {
    use super::{Name, set};

    #[test]
    fn secrets_are_bound_to_the_host_and_hidden_from_scripts() {
        let text = |name, over_tls| set(name, "x", over_tls).unwrap().1.to_str().unwrap().to_owned();
        assert_eq!(
            text(Name::Session, true),
            "__Host-perennial_session=x; HttpOnly; SameSite=Strict; Secure; Path=/"
        );
        assert_eq!(text(Name::Session, false), "perennial_session=x; HttpOnly; SameSite=Strict; Path=/");
        assert_eq!(
            text(Name::Card, true),
            "__Host-perennial_card=x; HttpOnly; SameSite=Strict; Secure; Path=/; Max-Age=2592000"
        );
        assert_eq!(text(Name::Theme, false), "perennial_theme=x; SameSite=Lax; Path=/; Max-Age=31536000");
    }
}
