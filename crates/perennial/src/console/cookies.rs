//! The console's cookies: session, form secret, language and theme. Over TLS the secrets carry the `__Host-` prefix,
//! which binds them to this host; browsers refuse that prefix on plain http, so a loopback address goes without.

use axum::http::{HeaderMap, HeaderValue, header};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};

/// A year, for preferences.
const YEAR_SECONDS: i64 = 365 * 24 * 3600;

/// A cookie of the console.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Name {
    /// The session token.
    Session,
    /// The secret of forms shown before anybody signed in.
    Visitor,
    /// `zh-CN` or `en`.
    Language,
    /// `light` or `dark`.
    Theme,
}

impl Name {
    fn secret(self) -> bool {
        matches!(self, Self::Session | Self::Visitor)
    }

    fn text(self, over_tls: bool) -> String {
        let plain = match self {
            Self::Session => "perennial_session",
            Self::Visitor => "perennial_visitor",
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
    if !name.secret() {
        text.push_str("; Max-Age=");
        text.push_str(&YEAR_SECONDS.to_string());
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
        assert_eq!(text(Name::Theme, false), "perennial_theme=x; SameSite=Lax; Path=/; Max-Age=31536000");
    }
}
