//! Style, script and vendored libraries, embedded in the binary. Addresses carry a digest of the content, so a
//! browser may keep a file for ever and a new version has a new address.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;

use super::query::hexadecimal;

#[derive(RustEmbed)]
#[folder = "assets/console/"]
struct Files;

#[derive(RustEmbed)]
#[folder = "assets/portal/"]
struct PortalFiles;

struct Asset {
    address: String,
    content_type: &'static str,
    bytes: Vec<u8>,
}

type Get = fn(&str) -> Option<rust_embed::EmbeddedFile>;

/// Every servable file by its name in the folder.
static ASSETS: LazyLock<BTreeMap<String, Asset>> = LazyLock::new(|| {
    let read = |(name, get): (_, Get)| {
        let name = String::from(name);
        let asset = Asset::read(&name, get)?;
        Some((name, asset))
    };
    let console = Files::iter().map(|name| (name, Files::get as Get));
    console.chain(PortalFiles::iter().map(|name| (name, PortalFiles::get as Get))).filter_map(read).collect()
});

impl Asset {
    fn read(name: &str, get: Get) -> Option<Self> {
        let kind = content_type(name)?;
        let file = get(name)?;
        let digest = hexadecimal(&file.metadata.sha256_hash()[..6]);
        let (stem, ending) = name.rsplit('/').next()?.rsplit_once('.')?;
        let address = format!("/assets/{stem}.{digest}.{ending}");
        Some(Self { address, content_type: kind, bytes: file.data.into_owned() })
    }
}

fn content_type(name: &str) -> Option<&'static str> {
    match name.rsplit('.').next()? {
        "css" => Some("text/css; charset=utf-8"),
        "js" => Some("text/javascript; charset=utf-8"),
        "svg" => Some("image/svg+xml"),
        _ => None,
    }
}

/// The address of a file, with its digest.
pub(crate) fn address(name: &str) -> &'static str {
    ASSETS.get(name).map_or("", |asset| asset.address.as_str())
}

/// The bytes of a file.
pub(crate) fn content(name: &str) -> &'static [u8] {
    ASSETS.get(name).map_or(&[], |asset| asset.bytes.as_slice())
}

/// Serves a file under its address.
pub(super) async fn serve(Path(name): Path<String>) -> Response {
    let wanted = format!("/assets/{name}");
    match ASSETS.values().find(|asset| asset.address == wanted) {
        Some(asset) => (
            [
                (header::CONTENT_TYPE, asset.content_type),
                (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
            ],
            asset.bytes.as_slice(),
        )
            .into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::{ASSETS, address};

    #[test]
    fn every_asset_has_an_address_of_its_own() {
        let addresses: std::collections::BTreeSet<&str> =
            ASSETS.values().map(|asset| asset.address.as_str()).collect();
        assert_eq!(addresses.len(), ASSETS.len());
        for name in ["console.css", "console.js", "icon.svg", "portal.css"] {
            assert!(address(name).starts_with("/assets/"), "{name}");
        }
    }

    #[test]
    fn every_vendored_library_brings_its_licence() {
        for name in ["htmx.LICENSE", "echarts.LICENSE", "echarts.NOTICE", "echarts.LICENSE-d3"] {
            assert!(super::Files::get(&format!("vendor/{name}")).is_some(), "{name}");
        }
    }
}
