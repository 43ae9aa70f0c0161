//! Where a lake is: a folder, or the address of an object store.

use std::fmt;
use std::path::Path as FilePath;
use std::sync::Arc;

use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, ObjectStoreScheme};
use url::Url;

use super::error::LakeError;

/// What to do where an address is of no use to this program.
const NO_OBJECT_STORES: &str = "this program was built without object stores: build it with \
     `cargo build --release --features object-stores`, or name a folder";

/// A place for a lake.
#[derive(Clone)]
pub struct LakeLocation {
    text: String,
    store: Arc<dyn ObjectStore>,
    /// The address of the store itself, without a path.
    store_url: Url,
    root: Path,
}

impl fmt::Debug for LakeLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LakeLocation").field(&self.text).finish()
    }
}

impl fmt::Display for LakeLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl LakeLocation {
    /// Reads a folder's path, or an address such as `s3://bucket/lake`; `options` are the settings of the object store
    /// (credentials, region, endpoint), by the names they have in the environment.
    pub fn parse(text: &str, options: impl IntoIterator<Item = (String, String)>) -> Result<Self, LakeError> {
        let fault = |message: String| LakeError::Location { location: text.to_owned(), message };
        let url = match Url::parse(text) {
            // A drive letter is no scheme.
            Ok(url) if url.scheme().len() > 1 => url,
            _ => folder_url(FilePath::new(text)).map_err(fault)?,
        };
        if !cfg!(feature = "object-stores") && is_remote(&url) {
            return Err(fault(NO_OBJECT_STORES.to_owned()));
        }
        let options = options.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value));
        let (store, root) =
            object_store::parse_url_opts(&url, options).map_err(|cause| fault(cause.to_string()))?;
        let mut store_url = url;
        store_url.set_path("");
        store_url.set_query(None);
        Ok(Self { text: text.to_owned(), store: Arc::from(store), store_url, root })
    }

    pub(super) fn store(&self) -> &Arc<dyn ObjectStore> {
        &self.store
    }

    pub(super) fn store_url(&self) -> &Url {
        &self.store_url
    }

    /// The place of a file of the lake, by its path within it.
    pub(super) fn path(&self, relative: &str) -> Path {
        relative.split('/').fold(self.root.clone(), Path::join)
    }

    /// The address of a file of the lake.
    pub(super) fn url(&self, relative: &str) -> String {
        format!("{}/{}", self.store_url.as_str().trim_end_matches('/'), self.path(relative))
    }

    /// Deletes a file that no manifest names any more; one that is gone already is no fault.
    pub(super) async fn delete(&self, relative: &str) -> Result<(), LakeError> {
        match self.store.delete(&self.path(relative)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// Whether an address is one of an object store, and not of a folder.
fn is_remote(url: &Url) -> bool {
    let scheme = ObjectStoreScheme::parse(url);
    scheme.is_ok_and(|(scheme, _)| !matches!(scheme, ObjectStoreScheme::Local | ObjectStoreScheme::Memory))
}

fn folder_url(folder: &FilePath) -> Result<Url, String> {
    let absolute = std::path::absolute(folder).map_err(|cause| cause.to_string())?;
    Url::from_directory_path(&absolute).map_err(|()| "the path cannot be written as an address".to_owned())
}
